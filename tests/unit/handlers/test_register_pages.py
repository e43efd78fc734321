"""A register on its way: pages that fit, versions that grow, authorities of the sender only."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from node.crypto import statement as signing
from node.crypto.bundle import packed_size
from node.crypto.keys import SigningPrivateKey
from node.crypto.statement import Packed
from node.handlers.exchanges.procedure import Refused
from node.handlers.registers.register_pages import next_version, pages_of, read_page, require_country, require_newer
from node.runtime.working_set import MAX_STATEMENT_BYTES
from schemas.authorities import Authority, Contact, Coordination
from schemas.identifiers import message_id
from schemas.messages import AuthoritiesPublished
from schemas.refusal import Refusal
from schemas.register import MAX_AUTHORITY_BYTES

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RANDOM = Random(5)  # noqa: S311  reproducible, no secret


def authority(name: str, /, **changes: object) -> Authority:
    return Authority.model_validate({"id": name, "name": name} | changes)


def published(**changes: object) -> AuthoritiesPublished:
    given = {"id": message_id(AT, bytes(10)), "sender": "DE", "at": AT, "to": {"CY": 1}, "version": 2}
    return AuthoritiesPublished.model_validate({**given, "page": 1, "pages": 1, **changes})


def many(count: int) -> list[Authority]:
    contacts = tuple(Contact(name=f"Γραφείο {number}", email=f"desk{number}@authority.example") for number in range(4))
    return [
        authority(f"DE/{number:05}", competences=("Προστασία των καταναλωτών",) * 3, contacts=contacts)
        for number in range(count)
    ]


def largest() -> Authority:
    return authority("DE/largest", competences=tuple(f"{number:0>200}" for number in range(MAX_AUTHORITY_BYTES // 204)))


@pytest.mark.parametrize("authorities", [many(3000), [largest()] * 9, [authority(f"DE/{n}") for n in range(9000)]])
def test_every_page_fits_into_a_statement(authorities: list[Authority]) -> None:
    key = SigningPrivateKey("DE.sign", bytes(32))

    for fields in pages_of(authorities):
        digests, disclosures = signing.disclose(fields, RANDOM.randbytes)
        jws = signing.sign(published(_sd=digests, to={f"{chr(65 + n)}Z": 10**9 for n in range(26)}), key)
        assert packed_size(Packed(jws, disclosures)) < MAX_STATEMENT_BYTES


def test_pages_hold_every_authority_once_in_order() -> None:
    authorities = many(1500)

    pages = pages_of(reversed(authorities))
    read = [each for page in pages for each in read_page(published(), page)]

    assert len(pages) > 1
    assert read == authorities


def test_a_country_without_authorities_has_an_empty_page() -> None:
    assert pages_of([]) == [{}]


def test_a_version_is_above_the_last_one_and_above_what_an_old_backup_knew() -> None:
    later = AT + timedelta(days=1)

    assert next_version(0, AT) == int(AT.timestamp())
    assert next_version(next_version(0, AT), AT) == int(AT.timestamp()) + 1
    assert next_version(3, later) > next_version(next_version(0, AT), AT)


def test_what_later_versions_of_the_program_add_is_left_out() -> None:
    value = {"id": "DE/x", "name": "X", "opening_hours": "9 to 5", "contacts": [{"name": "Desk", "fax": "1"}]}

    assert read_page(published(), {"DE/x": value}) == [authority("DE/x", name="X", contacts=(Contact(name="Desk"),))]


BAD: dict[str, tuple[AuthoritiesPublished, dict[str, object], Refusal]] = {
    "of another country": (published(), {"FR/x": {"id": "FR/x", "name": "X"}}, Refusal.NOT_YOUR_STEP),
    "under another name": (published(), {"DE/x": {"id": "DE/y", "name": "X"}}, Refusal.MALFORMED),
    "without a name": (published(), {"DE/x": {"id": "DE/x"}}, Refusal.MALFORMED),
    "no object": (published(), {"DE/x": "X"}, Refusal.MALFORMED),
    "a page beyond the last": (published(page=3, pages=2), {}, Refusal.MALFORMED),
    "too many pages": (published(pages=501), {}, Refusal.MALFORMED),
}


@pytest.mark.parametrize(("statement", "body", "code"), BAD.values(), ids=BAD)
def test_a_page_that_is_not_what_it_should_be_is_refused(
    statement: AuthoritiesPublished, body: dict[str, object], code: Refusal
) -> None:
    with pytest.raises(Refused) as refused:
        read_page(statement, body)
    assert refused.value.code is code


# The version that counts, the one of which pages wait, the one that comes; whether it is taken.
VERSIONS = [(0, 0, 1, True), (1, 0, 1, False), (2, 0, 1, False), (1, 2, 2, True), (1, 3, 2, False), (1, 2, 3, True)]


@pytest.mark.parametrize(("counts", "waits", "comes", "taken"), VERSIONS)
def test_versions_only_grow(counts: int, waits: int, comes: int, taken: bool) -> None:  # noqa: FBT001  a row of the table
    if taken:
        require_newer(published(version=comes), counts=counts, waits=waits)
    else:
        with pytest.raises(Refused, match=f"version {comes} came after version {max(counts, waits)}"):
            require_newer(published(version=comes), counts=counts, waits=waits)


def test_a_country_has_one_national_coordinator_and_the_commission_none() -> None:
    national = [authority(name, coordination=Coordination(national=True)) for name in ("DE/a", "DE/b")]

    require_country("DE", national[:1])
    with pytest.raises(Refused, match="DE/a and DE/b can't be national coordinator"):
        require_country("DE", national)
    with pytest.raises(Refused, match="EC/a can't be national coordinator"):
        require_country("EC", [authority("EC/a", coordination=Coordination(national=True))])
