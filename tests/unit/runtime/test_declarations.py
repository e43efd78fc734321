"""The Commission publishes a policy area to nodes that run, and each takes it only if it is sound."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from node.areas import BUILT_IN, Prover, declaration_hash
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.handlers.exchanges.procedure import Refused
from node.handlers.publications import MAX_TEXT_BYTES, NOTICE
from schemas.messages import DeclarationPublished
from schemas.publication import Publishing, Stage
from schemas.refusal import Refusal
from tests.unit.runtime.desks import Desk, Town

NAME = "craft_cards"
TEXT = (
    (BUILT_IN / "professional_qualifications.toml")
    .read_text()
    .replace('area = "professional_qualifications"', f'area = "{NAME}"')
    .replace('code = "PQ"', 'code = "CRAFT"')
)
DIVERGING = TEXT.replace('crossing = { withdrawn = "withdrawn" }\n', "", 1)


def second(text: str = TEXT) -> str:
    return text.replace("version = 1\n", "version = 2\n")


async def publish(town: Town, stage: Stage, text: str = TEXT) -> int:
    """Publish with effect at once, and carry it to everybody."""
    publishing = Publishing(text=text, stage=stage, since=town.clock.now())
    count: int = await town.EC.runtime.publish_declaration(publishing, OWN_ACCOUNT_ALONE)
    await town.carry()
    return count


def statement(desk: Desk, number: int = 1, *, stage: Stage = "in_force", digest: str = "") -> DeclarationPublished:
    """What the Commission's statement looks like, signed by whoever sits at the desk."""
    return DeclarationPublished(
        id=desk.seat.new_id(),
        sender=desk.node,
        at=desk.seat.clock.now(),
        to={"CY": number},
        area=NAME,
        version=1,
        hash=digest or declaration_hash(TEXT),
        stage=stage,
        since=desk.seat.clock.now(),
    )


async def refusal(town: Town, published: DeclarationPublished, body: Mapping[str, str], sender: str = "EC") -> str:
    desk = town.desks[sender]
    await town.CY.take_in(desk.sealed("CY", desk.signed(published, body)))
    [row] = await town.CY.rows("SELECT code, detail FROM quarantine")
    assert (NAME, 1) not in town.CY.seat.areas
    assert await town.CY.counts("declarations") == 0
    return f"{row[0]}: {row[1]}"


async def test_it_is_told_to_every_node_and_is_there_after_a_restart(town: Town) -> None:
    assert await publish(town, "in_force") == 2

    await town.restart("CY")

    for desk in (town.DE, town.CY, town.EC):
        assert desk.seat.newest_area(NAME).version == 1
        assert desk.seat.published[NAME, 1][0].stage == "in_force"
        assert await desk.quarantined() == []
    assert await town.EC.outbox() == {"delivered": 2}


async def test_without_a_day_a_stage_begins_when_everybody_has_heard_of_it(town: Town) -> None:
    await town.EC.runtime.publish_declaration(Publishing(text=TEXT, stage="in_force"), OWN_ACCOUNT_ALONE)
    await town.carry()

    with pytest.raises(Refused, match="it will be from 2026-11-25 08:00 UTC on"):
        town.DE.seat.newest_area(NAME)
    town.clock.advance(seconds=NOTICE.total_seconds())
    assert town.DE.seat.newest_area(NAME).version == 1


async def test_what_was_published_is_told_again_only_to_those_who_were_not_told(town: Town) -> None:
    await publish(town, "in_force")

    assert await publish(town, "in_force") == 0
    async with town.EC.seat.store.transaction() as db:
        await db.execute("DELETE FROM publications_told WHERE node = 'CY'")  # as if it had joined later
    await town.EC.runtime.tick()
    await town.carry()

    assert await town.CY.rows("SELECT count(*) FROM statements WHERE kind = 'declaration'") == [(2,)]
    assert await town.DE.rows("SELECT count(*) FROM statements WHERE kind = 'declaration'") == [(1,)]
    assert await town.CY.counts("publications") == 1
    assert await town.CY.quarantined() == []


async def test_a_retirement_needs_no_text_where_the_version_is_known(town: Town) -> None:
    await publish(town, "in_force")
    await publish(town, "retired")

    [(jws,)] = await town.EC.rows(
        "SELECT disclosures FROM statements WHERE kind = 'declaration' ORDER BY recorded_at DESC, rowid DESC LIMIT 1"
    )
    assert jws is None
    with pytest.raises(Refused, match="was retired"):
        town.CY.seat.newest_area(NAME)


async def test_a_version_that_came_with_the_program_can_be_retired(town: Town) -> None:
    text = (BUILT_IN / "services.toml").read_text()
    assert town.CY.seat.newest_area("services").version == 1

    await publish(town, "retired", text)

    with pytest.raises(Refused, match="services, version 1, was retired"):
        town.CY.seat.newest_area("services")


async def test_a_draft_of_a_retired_version_can_not_be_sent_any_more(town: Town) -> None:
    text = (BUILT_IN / "e_commerce.toml").read_text()
    draft = (await town.DE.act("save", country_of_establishment="CY")).id

    await publish(town, "retired", text)

    with pytest.raises(Refused, match="was retired; begin the exchange under a newer version"):
        await town.DE.act("send", draft, country_of_establishment="CY")
    await town.DE.act("discard", draft)


async def test_an_exchange_whose_author_had_not_heard_of_the_retirement_is_taken_in(town: Town) -> None:
    case = await town.DE.open("CY")
    late = await town.CY.open("DE")
    publishing = Publishing(
        text=(BUILT_IN / "e_commerce.toml").read_text(), stage="retired", since=town.clock.now() - timedelta(hours=1)
    )
    await town.EC.runtime.publish_declaration(publishing, OWN_ACCOUNT_ALONE)
    await town.EC.post()
    await town.CY.take_in(*town.CY.letters())
    await town.carry()

    assert {(await town.CY.copy(case)).state, (await town.DE.copy(late)).state} == {"awaiting_acceptance"}


async def test_only_the_commission_publishes(town: Town) -> None:
    with pytest.raises(Refused, match="only the Commission publishes declarations, and this node is DE"):
        await town.DE.runtime.publish_declaration(Publishing(text=TEXT, stage="in_force"), OWN_ACCOUNT_ALONE)

    refused = await refusal(town, statement(town.DE), {"declaration": TEXT}, "DE")

    assert refused == "not_your_step: only the Commission publishes declarations"


async def test_a_text_with_another_hash_than_the_signed_one_is_refused(town: Town) -> None:
    assert "does not have the hash that is signed" in await refusal(
        town, statement(town.EC), {"declaration": TEXT + "\n"}
    )


@pytest.mark.parametrize(
    "body", [{}, {"declaration": TEXT, "more": "x"}, {"text": TEXT}], ids=["none", "more", "other"]
)
async def test_a_publication_without_its_text_is_refused(town: Town, body: Mapping[str, str]) -> None:
    assert "is the one disclosure" in await refusal(town, statement(town.EC), body)


async def test_the_retirement_of_what_was_never_published_is_refused(town: Town) -> None:
    refused = await refusal(town, statement(town.EC, stage="retired"), {})

    assert refused.startswith(Refusal.UNKNOWN_AREA)


async def test_a_declaration_whose_copies_could_differ_is_refused_by_every_node_and_the_stream_goes_on(
    town: Town,
) -> None:
    with pytest.raises(Refused, match="the copies of an exchange can come to differ"):
        await town.EC.runtime.publish_declaration(Publishing(text=DIVERGING, stage="in_force"), OWN_ACCOUNT_ALONE)

    bad = statement(town.EC, digest=declaration_hash(DIVERGING))
    refused = await refusal(town, bad, {"declaration": DIVERGING})
    good = statement(town.EC, 2)
    await town.CY.take_in(town.EC.sealed("CY", town.EC.signed(good, {"declaration": TEXT})))

    assert refused.startswith("malformed: procedures.information: the copies of an exchange can come to differ")
    assert town.CY.seat.newest_area(NAME).version == 1


async def test_one_that_came_before_its_turn_is_proven_all_the_same(town: Town) -> None:
    early, first = statement(town.EC, 2), statement(town.EC, 1, stage="consultation")
    sealed = [town.EC.sealed("CY", town.EC.signed(each, {"declaration": TEXT})) for each in (early, first)]

    await town.CY.take_in(sealed[0])
    assert (NAME, 1) not in town.CY.seat.areas
    town.prover = Prover()  # the verdict went with the process that had it
    await town.restart("CY")
    await town.CY.take_in(sealed[1])

    assert [each.stage for each in town.CY.seat.published[NAME, 1]] == ["consultation", "in_force"]


async def test_a_version_never_changes_and_never_goes_back(town: Town) -> None:
    await publish(town, "in_force", second())

    for text, stage, words in (
        (second(TEXT + "# changed\n"), "in_force", "a changed text needs a new version number"),
        (second(), "consultation", "can't be in consultation again"),
        (TEXT, "in_force", "is at version 2 already"),
    ):
        with pytest.raises(Refused, match=words):
            await town.EC.runtime.publish_declaration(
                Publishing.model_validate({"text": text, "stage": stage}), OWN_ACCOUNT_ALONE
            )
    assert await town.EC.counts("publications") == 1
    assert await town.EC.outbox() == {"delivered": 2}


async def test_a_declaration_that_does_not_fit_into_an_envelope_is_refused_with_the_remedy(town: Town) -> None:
    long = TEXT + "#" * MAX_TEXT_BYTES

    with pytest.raises(Refused, match="KiB fit into an envelope; share fields of forms in blocks") as caught:
        await town.EC.runtime.publish_declaration(Publishing(text=long, stage="in_force"), OWN_ACCOUNT_ALONE)

    assert caught.value.code is Refusal.TOO_LARGE


async def test_the_longest_declaration_that_is_taken_fits_even_if_it_does_not_compress(town: Town) -> None:
    filling = town.chance.randbytes(MAX_TEXT_BYTES).hex()
    longest = (TEXT + "# " + filling)[:MAX_TEXT_BYTES]

    assert await publish(town, "consultation", longest) == 2

    assert await town.CY.rows("SELECT length(text) FROM declarations") == [(MAX_TEXT_BYTES,)]
