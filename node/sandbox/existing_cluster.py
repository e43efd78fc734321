"""A cluster whose nodes are processes over a RabbitMQ that somebody else runs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from node.config import Translation
from node.sandbox.cluster import Cluster, cluster
from node.sandbox.existing_broker import Way
from schemas.authorities import Authority


def cluster_on(
    way: Way,
    folder: Path,
    authorities: Mapping[str, Sequence[Authority]],
    *,
    translation: Mapping[str, Translation] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> AbstractAsyncContextManager[Cluster]:
    """Run a federation of these authorities on a place of its own on a broker; see `cluster`."""
    return cluster(
        *authorities,
        authorities=authorities,
        folder=folder,
        way=way,
        translation=translation,
        on_progress=on_progress,
    )
