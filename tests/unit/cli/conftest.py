"""Evidence as real nodes give it, exported once for all tests here."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from node.cli.talk import built_in_areas
from node.sandbox.cluster import Arrangement, Cluster, cluster
from node.verify import Verdict, open_archive, verify_evidence

Files = dict[str, bytes]


@dataclass(frozen=True)
class Exported:
    """What the nodes of one federation exported."""

    root: str
    request: Files
    """A request that was accepted, with a file of two pieces, from its sender."""
    at_addressee: Files
    """The same from the other side, which keeps no copy of the pieces beside the file."""
    other: Files
    """Another request between the same two."""
    notification: Files
    """A notification with a comment of the Commission, from the country of establishment."""


@pytest.fixture(scope="session")
def exported() -> Exported:
    return asyncio.run(_export())


async def _export() -> Exported:
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.IN_PROCESS, seed=7) as federation:
        case, other = await federation.DE.send("request", to="CY"), await federation.DE.send("request", to="CY")
        await federation.settle()
        await federation.CY.client.note_opened(case)
        for step in ("accept", "ask_information"):
            await federation.CY.take(step, case)
            await federation.settle()
        note = await federation.DE.client.attach(case, b"%PDF" * 30_000, name="a.pdf", media_type="application/pdf")
        await federation.DE.take("give_information", case, information_attachments=[note.model_dump(mode="json")])
        notified = await federation.DE.send("notification", to="CY", variant="urgent")
        await federation.settle()
        for step in ("open", "comment"):
            await federation.EC.take(step, notified)
            await federation.settle()
        return Exported(
            root=(federation.DE.config.trust / "root.json").read_text(),
            request=await _evidence(federation, "DE", case),
            at_addressee=await _evidence(federation, "CY", case),
            other=await _evidence(federation, "DE", other),
            notification=await _evidence(federation, "CY", notified),
        )


async def _evidence(federation: Cluster, node: str, case: str) -> Files:
    return unpacked(await federation[node].client.evidence(case))


def unpacked(archive: bytes) -> Files:
    with ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def judged(files: Mapping[str, bytes], root: str | None = None) -> Verdict:
    return verify_evidence(open_archive(packed(files)), areas=built_in_areas(), root=root)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Write an archive to a file."""

    def write(files: Mapping[str, bytes]) -> Path:
        file = tmp_path / "evidence.zip"
        file.write_bytes(packed(files))
        return file

    return write
