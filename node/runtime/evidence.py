"""The evidence of an exchange as a file that anybody can check without us, also years later.

It is a ZIP archive. Every statement and every receipt in it is a plain JWS file (RFC 7515) that public tools
verify; what was said lies beside it as disclosures (RFC 9901). The signed directories say whose keys they are,
back to the root of the federation.

    README.txt                     what this is
    root-0001.json …               the federation's root documents, as signed
    directory-0003.json …          directories, as signed
    statements/001-send.jws        who said what to whom; the payload holds digests
    statements/001-send.disclosures  one disclosure a line; absent when blocked or deleted
    receipts/001.jws               what the recipients signed
"""

import io
import zipfile
from collections.abc import Sequence

from node.crypto import statement as signing
from node.crypto import vault
from node.handlers.access import Actor
from node.handlers.exchanges import withholding
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime.reading import View, case_seen, content_key
from node.runtime.seat import Seat
from node.runtime.trust import DIRECTORY, ROOT
from node.store import documents, receipts, statements
from schemas.exchange import Entry
from schemas.refusal import Refusal

_EPOCH = (1980, 1, 1, 0, 0, 0)  # ZIP's own: the archive says nothing of when it was made, and is reproducible

README = """\
Evidence of exchange {exchange}, kept by the node of {node}.

statements/*.jws are the signed statements of the parties, receipts/*.jws what the recipients signed for.
Each is a compact JWS (RFC 7515) with algorithm Ed25519; any JOSE library verifies it with the sender's key,
which stands in the signed directory under "signing", and which the header names by "kid".
A statement holds the SHA-256 digests of what was said; the lines of *.disclosures are what was said (RFC 9901).
`imi verify` checks all of it at once, without a network.
"""


async def evidence(seat: Seat, exchange_id: str, actor: Actor) -> bytes:
    """Gather the evidence of an exchange, with what the actor may see of what was said.

    The fewer disclosures there are, the less it tells; it proves as much of who said something, and when.

    Raises:
        Unknown: this node knows no such exchange, or none that the actor may know of.
        Denied: the actor may not export evidence of it.
        Refused: it is a draft, of which nothing was said to anybody.
    """
    db = seat.store.read
    case = await case_seen(seat, exchange_id, actor, Right.EXPORT_EVIDENCE)
    if not case.exchange.history:
        raise Refused(Refusal.NO_MEANING, f"nothing of {exchange_id} is sent yet: there is nothing to prove")
    area = seat.area(case.exchange.area, case.exchange.version)
    view = View(actor, case, area, await content_key(seat, db, case.exchange))
    said = await statements.of_exchange(db, exchange_id)
    found = await receipts.about(db, [each.hash for each in said])
    hashes = dict.fromkeys(each.jws_hash for statement in said for each in found.get(statement.hash, ()))
    signed = await receipts.statements(db, hashes)
    files = [("README.txt", README.format(exchange=exchange_id, node=seat.node))]
    for name in (ROOT, DIRECTORY):
        files += [(f"{name}-{each.version:04d}.json", each.text) for each in await documents.all(db, name)]
    files += _statement_files(view, said)
    files += [(f"receipts/{number:03d}.jws", signed[digest].jws) for number, digest in enumerate(hashes, start=1)]
    return _archive(files)


def _statement_files(view: View, said: Sequence[statements.Recorded]) -> list[tuple[str, str]]:
    steps = {entry.hash: entry for entry in view.case.exchange.history}
    files = []
    for number, each in enumerate(said, start=1):
        entry = steps.get(each.hash)
        name = f"statements/{number:03d}-{entry.step if entry is not None else each.kind}"
        files.append((f"{name}.jws", each.jws))
        if disclosures := _disclosures(view, each, entry):
            files.append((f"{name}.disclosures", "\n".join(disclosures) + "\n"))
    return files


def _disclosures(view: View, recorded: statements.Recorded, entry: Entry | None) -> list[str]:
    """What the reader may see of what a statement says; a file's bytes are no part of a step, and go as a whole."""
    if view.key is None or recorded.disclosures is None:
        return []
    content = signing.kept(vault.open_content(view.key, recorded.disclosures, recorded.message_id.encode()))
    if entry is None:
        return [] if view.because else content
    form = view.hides(entry)
    if form is None:
        return content
    said = signing.read_disclosures(map(signing.digest, content), content)
    withheld = set(withholding.withheld(form, said))
    return [one for one in content if not withheld & signing.read_disclosures([signing.digest(one)], [one]).keys()]


def _archive(files: Sequence[tuple[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
