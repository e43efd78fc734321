"""The privacy drill finds nothing where nothing is wrong, and exactly what is wrong where a mechanism is taken out."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from node.crypto import vault
from node.handlers.exchanges import withholding
from node.runtime import kept, reading, submission
from node.sandbox.cluster import Arrangement, cluster
from node.sandbox.drill import asking
from node.sandbox.drill.command import drilled
from node.sandbox.drill.findings import Outcome, Place
from node.sandbox.drill.stages import Course, Stage
from node.store import attachments, data_keys, drafts, search_index, statements
from node.store.database import Store

TO_BLOCKING = Course((Stage.CLOSED, Stage.SIX_MONTHS, Stage.BLOCKED), notifies=False)
TO_DELETION = Course((Stage.CLOSED, Stage.DELETED), notifies=False)
BEFORE_ACCEPTANCE = Course((Stage.CLOSED,), notifies=False)

Fault = Callable[[pytest.MonkeyPatch], None]


async def played(course: Course) -> set[tuple[Place, Stage]]:
    """Where a drill in this process is surprised."""
    outcome = await drilled(("DE", "CY"), Arrangement.IN_PROCESS, course)
    return surprises(outcome)


def surprises(outcome: Outcome) -> set[tuple[Place, Stage]]:
    return {(finding.place, Stage(finding.stage)) for finding in outcome.surprises}


async def nothing(*_: object, **__: object) -> None:
    """Do nothing instead of something."""


def disclosures_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(statements, "erase_disclosures", nothing)


def files_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attachments, "erase", nothing)


def prepared_steps_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drafts, "erase", nothing)


def nothing_is_compacted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Store, "compact", nothing)


def keys_and_disclosures_stay(patch: pytest.MonkeyPatch) -> None:
    disclosures_stay(patch)
    patch.setattr(data_keys, "destroy", nothing)


def the_index_is_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search_index, "forget", nothing)


def keys_stay_in_the_ring(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept, "rewrap", nothing)


def blocked_data_are_served(patch: pytest.MonkeyPatch) -> None:
    async def content_key(seat: Any, db: Any, exchange: Any) -> bytes | None:
        key = (await data_keys.get(db, [exchange.id])).get(exchange.id)
        if key is None:
            return None
        ring = seat.keyring.store_key if key.ring == "ordinary" else seat.keyring.blocked_key
        return bytes(vault.unwrap(ring, key.wrapped))

    patch.setattr(reading, "content_key", content_key)


def content_is_logged(patch: pytest.MonkeyPatch) -> None:
    take = submission.take

    async def telling(work: Any, act: Any, actor: Any) -> Any:
        logging.getLogger("node.runtime").info("step.taken", extra={"form": act.form})
        return await take(work, act, actor)

    patch.setattr(submission, "take", telling)


def nothing_is_withheld(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(withholding, "because", lambda *_: "")


FIRST = (Place.FIRST_ANSWERS, Stage.BLOCKED)
LATE = (Place.FIRST_ANSWERS, Stage.DELETED)
IN_SIX_MONTHS = [Stage.SIX_MONTHS, Stage.BLOCKED]
EVERYWHERE = [Stage.CLOSED, *IN_SIX_MONTHS]


def at(place: Place, *stages: Stage) -> set[tuple[Place, Stage]]:
    return {(place, stage) for stage in stages}


@pytest.mark.parametrize(
    ("fault", "course", "found"),
    [
        (disclosures_stay, TO_DELETION, at(Place.SEALED, Stage.DELETED)),
        (files_stay, TO_DELETION, at(Place.SEALED, Stage.DELETED)),
        (prepared_steps_stay, TO_DELETION, at(Place.SEALED, Stage.DELETED)),
        (nothing_is_compacted, TO_DELETION, at(Place.SEALED, Stage.DELETED)),
        (keys_and_disclosures_stay, TO_DELETION, at(Place.SEALED, Stage.DELETED) | at(Place.BLOCKED, Stage.DELETED)),
        (the_index_is_kept, TO_BLOCKING, at(Place.SEARCH, *IN_SIX_MONTHS) | {FIRST}),
        (keys_stay_in_the_ring, TO_BLOCKING, at(Place.ORDINARY, *IN_SIX_MONTHS) | at(Place.BLOCKED, *IN_SIX_MONTHS)),
        (
            blocked_data_are_served,
            TO_BLOCKING,
            at(Place.READERS, *IN_SIX_MONTHS) | at(Place.LOOKERS, *IN_SIX_MONTHS) | {FIRST},
        ),
        (content_is_logged, BEFORE_ACCEPTANCE, at(Place.OTHER_FILES, Stage.CLOSED)),
        (nothing_is_withheld, BEFORE_ACCEPTANCE, at(Place.LOOKERS, Stage.CLOSED)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_mechanism_that_is_taken_out_is_found(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, course: Course, found: set[tuple[Place, Stage]]
) -> None:
    fault(monkeypatch)

    assert await played(course) == found


async def test_every_answer_of_the_api_is_looked_at() -> None:
    asked = {
        f"/api/v1{path.partition('?')[0]}" for path in (*asking.OF_A_NODE, *asking.OF_AN_EXCHANGE, asking.OF_A_FILE)
    }
    asked = {
        path.replace("{authority}", "{node}/{name}").replace("e_commerce", "{area}").replace("/1", "/{number:int}")
        for path in asked
    }

    async with cluster("DE", arrangement=Arrangement.IN_PROCESS) as c:
        app = c.DE._api
        assert app is not None
        offered = {route.path for route in app.routes if "GET" in (route.methods or ())}  # type: ignore[attr-defined]

    assert offered == asked


async def test_processes_over_rabbitmq_show_nothing_that_must_not_be_seen() -> None:
    course = Course((Stage.SENT, Stage.CLOSED, Stage.RESTORED), notifies=False)

    outcome = await drilled(("DE", "CY"), Arrangement.PROCESSES, course)

    assert outcome.surprises == ()
    assert outcome.letters > 0
    seen = {(finding.place, Stage(finding.stage)): finding.seen for finding in outcome.findings if finding.node == "CY"}
    assert seen[Place.READERS, Stage.CLOSED] == seen[Place.ORDINARY, Stage.CLOSED] > 40
    assert {stage for place, stage in seen if place is Place.FIRST_ANSWERS} == {
        Stage.BLOCKED,
        Stage.DELETED,
        Stage.RESTORED,
    }
