import base64
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from node.crypto import statement
from node.crypto.envelope import (
    EnvelopeRefused,
    OpenedEnvelope,
    OpenedStatement,
    Packed,
    RefusedStatement,
    TooLarge,
    open_envelope,
    seal,
)
from node.crypto.trust import TrustedDirectory, sign_document
from schemas.envelope import MAX_ENVELOPE_BYTES, Suite
from schemas.identifiers import message_id
from schemas.messages import Chunk
from tests.unit.crypto.test_statement import FORMS
from tests.vectors.federation import (
    EXCHANGE,
    HOLDERS,
    KEYRINGS,
    NOW,
    TRUST,
    directory,
    entry,
    packed,
    root,
    seeded,
    signed,
    step,
)

ENVELOPE_ID = message_id(NOW, seeded("an envelope")(10))


def sealed(*items: Packed, suite: Suite | None = None, sender: str = "DE") -> bytes:
    keys = [key for key in KEYRINGS["FR"].public_sealing() if key.suite == suite]
    key = keys[0] if keys else TRUST.sealing_key("FR", NOW)
    return seal(items, sender=sender, recipient="FR", envelope_id=ENVELOPE_ID, key=key)


def opened(raw: bytes, node: str = "FR") -> OpenedEnvelope:
    return open_envelope(raw, node=node, keyring=KEYRINGS[node], trust=TRUST)


ONE = sealed(packed({"subject": "a"}))
ONE_X25519 = sealed(packed({"subject": "a"}), suite="x25519")


@given(st.lists(FORMS, min_size=1, max_size=4), st.sampled_from(["mlkem768-x25519", "x25519"]))
@settings(deadline=None)
def test_what_is_sealed_opens_as_it_was(forms: list[dict[str, JsonValue]], suite: Suite) -> None:
    items = [packed(form, f"form {number}") for number, form in enumerate(forms)]
    found = opened(sealed(*items, suite=suite)).items
    assert [item.packed for item in found if isinstance(item, OpenedStatement)] == items
    assert [item.body for item in found if isinstance(item, OpenedStatement)] == forms


@given(st.sampled_from([ONE, ONE_X25519]), st.data())
@settings(deadline=None, max_examples=300)
def test_any_flipped_bit_is_refused(raw: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    altered = bytearray(raw)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(EnvelopeRefused):
        opened(bytes(altered))


@given(st.binary(max_size=3000), st.booleans())
@settings(deadline=None)
def test_any_bytes_are_refused_and_never_a_crash(content: bytes, with_header: bool) -> None:  # noqa: FBT001  # drawn
    raw = ONE.partition(b"\n")[0] + b"\n" + content if with_header else content
    with pytest.raises(EnvelopeRefused):
        opened(raw)


def test_the_broker_reads_nothing_but_the_header() -> None:
    line, _, rest = ONE.partition(b"\n")
    item = opened(ONE).items[0]
    assert isinstance(item, OpenedStatement)
    assert item.statement.id.encode() not in ONE
    assert EXCHANGE.encode() not in ONE
    assert item.packed.jws[:40].encode() not in rest
    assert line.decode() == opened(ONE).header.model_dump_json()


def test_an_envelope_for_another_node_does_not_open_even_with_the_key_at_hand() -> None:
    with pytest.raises(EnvelopeRefused, match="not_for_me"):
        open_envelope(ONE, node="EL", keyring=KEYRINGS["FR"], trust=TRUST)


def test_a_stranger_who_can_write_to_the_inbox_makes_us_refuse_nobodys_message() -> None:
    forged = statement.Packed(signed(step(), "EL"))
    (item,) = opened(sealed(forged)).items
    assert isinstance(item, RefusedStatement)
    assert (item.code, item.message_id, item.hash) == ("bad_signature", None, None)


def test_a_refusal_of_what_the_sender_did_sign_names_the_message() -> None:
    said = packed({"subject": "a"})
    (item,) = opened(sealed(Packed(said.jws))).items
    assert isinstance(item, RefusedStatement)
    assert (item.code, item.hash) == ("bad_disclosure", statement.statement_hash(said.jws))
    assert item.message_id is not None


def test_the_detail_of_a_refusal_says_nothing_of_the_content() -> None:
    canary = "Canary-7Q"
    said = packed({"subject": canary}, parties={"requesting": "DE", "responding": "FR"}, seen={})
    foreign = statement.disclose({canary: canary}, seeded("foreign"))[1]
    (item,) = opened(sealed(Packed(said.jws, said.disclosures + foreign))).items
    assert isinstance(item, RefusedStatement)
    assert canary not in item.detail


def test_what_is_dated_before_a_readmission_is_refused() -> None:
    readmitted = entry("DE").model_copy(update={"since": NOW - timedelta(days=1)})
    others = tuple(entry(node) for node in ("EC", "FR"))
    trust = TrustedDirectory.pin(sign_document(root(), HOLDERS), NOW).update_directory(
        sign_document(directory(2, nodes=(readmitted, *others)), HOLDERS), NOW
    )
    late, dated_back = packed(label="late"), packed(label="back", at=NOW - timedelta(days=2))
    found = open_envelope(sealed(late, dated_back), node="FR", keyring=KEYRINGS["FR"], trust=trust).items
    assert [item.code if isinstance(item, RefusedStatement) else "opened" for item in found] == [
        "opened",
        "inactive_sender",
    ]


def test_a_chunk_of_128_kib_fits_into_one_envelope() -> None:
    content = base64.b64encode(seeded("a file")(128 * 1024)).decode()
    digests, disclosures = statement.disclose({"bytes": content}, seeded("chunk"))
    made = Chunk.model_validate(
        {
            "id": ENVELOPE_ID,
            "sender": "DE",
            "at": NOW,
            "to": {"FR": 1},
            "_sd": digests,
            "exchange": EXCHANGE,
            "attachment": statement.digest("file"),
            "index": 0,
            "count": 1,
        }
    )
    raw = sealed(Packed(signed(made), disclosures))
    assert len(raw) < MAX_ENVELOPE_BYTES
    assert isinstance(opened(raw).items[0], OpenedStatement)


def test_more_than_an_envelope_holds_is_not_sealed() -> None:
    noise = base64.b64encode(seeded("noise")(300_000)).decode()
    with pytest.raises(TooLarge, match="as an attachment"):
        sealed(packed({"subject": noise}))


def test_the_envelope_carries_an_id_of_its_own_and_the_keys_of_the_directory() -> None:
    header = opened(ONE).header
    assert (header.id, header.key) == (ENVELOPE_ID, TRUST.sealing_key("FR", NOW).id)
    assert header.suite == "mlkem768-x25519"
