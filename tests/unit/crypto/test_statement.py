import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from node.crypto import base64url, jws, statement
from node.crypto.statement import StatementRefused, disclose, read_disclosures, read_remaining
from schemas.messages import STATEMENT
from schemas.refusal import Refusal
from tests.unit.crypto.test_strict_json import JSON
from tests.vectors.federation import KEYRINGS, packed, seeded, signals, step

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name not in statement.RESERVED_NAMES)
FORMS = st.dictionaries(NAMES, JSON, min_size=1, max_size=6)


((DIGEST,), (ONE,)), (_, (OTHER,)) = (disclose({"subject": value}, seeded("salts")) for value in ("a", "b"))


def refuses(digests: tuple[str, ...], disclosures: tuple[str, ...]) -> bool:
    with pytest.raises(StatementRefused) as refusal:
        read_disclosures(digests, disclosures)
    return refusal.value.code is Refusal.BAD_DISCLOSURE


def test_digest_of_the_example_in_rfc_9901_section_4_2_3() -> None:
    disclosure = base64url.encode('["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]'.encode())
    assert disclosure == "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert statement.digest(disclosure) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert read_disclosures((statement.digest(disclosure),), (disclosure,)) == {"family_name": "Möbius"}


@given(FORMS)
def test_what_is_disclosed_reads_again(form: dict[str, JsonValue]) -> None:
    assert read_disclosures(*disclose(form, seeded("salts"))) == form


@given(FORMS, st.data())
def test_a_removed_disclosure_is_refused(form: dict[str, JsonValue], data: st.DataObject) -> None:
    digests, disclosures = disclose(form, seeded("salts"))
    gone = data.draw(st.sampled_from(disclosures))
    assert refuses(digests, tuple(one for one in disclosures if one != gone))


@given(FORMS, NAMES, JSON)
def test_an_added_disclosure_is_refused(form: dict[str, JsonValue], name: str, value: JsonValue) -> None:
    digests, disclosures = disclose(form, seeded("salts"))
    _, added = disclose({name: value}, seeded("other salts"))
    assert refuses(digests, disclosures + added)
    assert refuses(digests, (*disclosures, disclosures[0]))


@given(FORMS, st.data())
def test_what_remains_after_erasure_still_reads(form: dict[str, JsonValue], data: st.DataObject) -> None:
    digests, disclosures = disclose(form, seeded("salts"))
    kept = data.draw(st.sets(st.sampled_from(sorted(form))))
    remaining = tuple(one for one, name in zip(disclosures, form, strict=True) if name in kept)
    assert read_remaining(digests, remaining) == {name: form[name] for name in form if name in kept}


def test_what_remains_after_erasure_admits_nothing_that_was_not_signed() -> None:
    digests, _ = disclose({"subject": "a"}, seeded("salts"))
    _, foreign = disclose({"subject": "b"}, seeded("salts"))
    with pytest.raises(StatementRefused, match="surplus or altered"):
        read_remaining(digests, foreign)


@pytest.mark.parametrize(
    ("digests", "disclosures"),
    [
        ((DIGEST, DIGEST), (ONE,)),
        ((DIGEST,), (ONE, ONE)),
        ((DIGEST, statement.digest(OTHER)), (ONE, OTHER)),
    ],
    ids=["digest twice", "disclosure twice", "name twice"],
)
def test_nothing_is_said_twice_not_even_after_erasure(digests: tuple[str, ...], disclosures: tuple[str, ...]) -> None:
    with pytest.raises(StatementRefused, match=r"twice|repeated"):
        read_remaining((*digests, statement.digest("erased")), disclosures)


def test_the_same_value_has_another_digest_each_time() -> None:
    random = seeded("salts")
    assert disclose({"answer": "yes"}, random)[0] != disclose({"answer": "yes"}, random)[0]


def test_a_salt_has_128_bits() -> None:
    _, (disclosure,) = disclose({"answer": "yes"}, seeded("salts"))
    salt, name, value = json.loads(base64url.decode(disclosure))
    assert (len(base64url.decode(salt)), name, value) == (16, "answer", "yes")


def test_a_field_named_as_a_member_of_the_statement_is_not_disclosed() -> None:
    with pytest.raises(ValueError, match="authority, step: the statement itself has them; rename"):
        disclose({"step": 1, "subject": 2, "authority": 3}, seeded("salts"))


def test_digests_are_signed_under_the_names_of_rfc_9901() -> None:
    payload = json.loads(jws.unverified_payload(packed({"subject": "a", "persons": []}).jws))
    assert (len(payload["_sd"]), payload["_sd_alg"]) == (2, "sha-256")
    assert payload["_sd"] == sorted(payload["_sd"])
    assert "digests" not in payload


@pytest.mark.parametrize("made", [packed(), *signals()], ids=["step", "receipts", "resend"])
def test_a_statement_without_content_has_no_word_of_digests(made: statement.Packed) -> None:
    assert not {"_sd", "_sd_alg"} & json.loads(jws.unverified_payload(made.jws)).keys()


def test_what_is_signed_is_what_was_meant() -> None:
    meant = step(disclose({"subject": "ж"}, seeded("salts"))[0])
    keys = {KEYRINGS["DE"].current.id: KEYRINGS["DE"].current.public}
    verified = statement.verify(statement.sign(meant, KEYRINGS["DE"].current), keys.get)
    assert STATEMENT.validate_json(verified.payload) == meant


def test_a_signature_of_nobody_known_is_refused_with_its_code() -> None:
    with pytest.raises(StatementRefused) as refusal:
        statement.verify(packed().jws, lambda _: None)
    assert refusal.value.code is Refusal.BAD_SIGNATURE
