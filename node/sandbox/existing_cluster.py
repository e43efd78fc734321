"""A cluster whose nodes are processes over a RabbitMQ that somebody else runs."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from node.areas import load_areas
from node.config import FILE, Config, write_config
from node.sandbox.cluster import Arrangement, Cluster, Member
from node.sandbox.existing_broker import Place, Way, place_on
from node.sandbox.federation import found
from schemas.authorities import Authority


@asynccontextmanager
async def cluster_on(
    way: Way,
    folder: Path,
    authorities: Mapping[str, Sequence[Authority]],
    *,
    on_progress: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Cluster]:
    """Run a federation on a place of its own on a broker, for as long as the block lasts.

    Args:
        way: to the broker, as an administrator.
        folder: where to put everything; it stays.
        authorities: of each node.
        on_progress: told in one line what is being done.

    Raises:
        ManagementRefused, NoListener: the broker can't be used.
        NotReady: a node did not come up in time.
    """
    nodes = tuple(authorities)
    async with AsyncExitStack() as life:
        place = await life.enter_async_context(place_on(way, nodes))
        on_progress(f"made the virtual host {place.name} with {len(nodes)} users on {way.management.url}")
        made = Cluster(folder, Arrangement.PROCESSES, load_areas(folder)["e_commerce", 1])
        on_progress(f"founding the federation of {', '.join(nodes)}")
        configs = found(folder, nodes, at=made.now(), authorities=authorities)
        made.authorities = dict(authorities)
        made.members = {node: Member(_on_place(config, place), made) for node, config in configs.items()}
        on_progress(f"starting {len(nodes)} nodes")
        for member in made.members.values():
            life.push_async_callback(member.stop)
            await member.start()
        for member in made.members.values():
            await member.ready()
        yield made


def _on_place(config: Config, place: Place) -> Config:
    """Tell a node that was founded without a broker where its broker is."""
    moved = config.model_copy(update={"broker": place.urls[config.node]})
    (config.folder / FILE).unlink()
    write_config(moved)
    (config.folder / FILE).chmod(0o600)  # the address holds the password of a user that lives as long as the demo
    if place.authority is not None:
        (config.link / "ca.pem").write_bytes(place.authority)
    return moved
