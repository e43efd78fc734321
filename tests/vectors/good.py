"""Envelopes that every implementation opens."""

from datetime import timedelta

from pydantic import JsonValue

from node.crypto import statement
from tests.vectors.cases import OPENED, Case, forged, header, lines, payload
from tests.vectors.federation import (
    KEYRINGS,
    NOW,
    chunk,
    on_data,
    packed,
    recall,
    register,
    signals,
    signed,
    skip,
    step,
)

_FORM: dict[str, JsonValue] = {
    "subject": "Age verification",
    "languages": ["de", "en"],
    "persons": [{"name": "N. N.", "minor": False}],
}
_BEYOND_ASCII: dict[str, JsonValue] = {
    "el": "Εθνική Επιτροπή Τηλεπικοινωνιών",
    "bg": "Комисия за регулиране на съобщенията",
    "mt": "Awtorità ta' Malta dwar il-Komunikazzjoni",
    "combining": "e\u0301 is not é",
    "beyond_the_basic_plane": "\U0001d11e",
}

GOOD = (
    Case("one_statement", "a step with a form", (OPENED,), lines(packed(_FORM))),
    Case("beyond_ascii", "a form in several scripts", (OPENED,), lines(packed(_BEYOND_ASCII, "scripts"))),
    Case(
        "x25519", "the suite without ML-KEM", (OPENED,), lines(packed(_FORM)), header=header("x25519", suite="x25519")
    ),
    Case("no_form", "a step that says nothing but itself", (OPENED,), lines(packed())),
    Case(
        "two_recipients", "a notification to FR and EC", (OPENED,), lines(packed(_FORM, "both", to={"EC": 7, "FR": 2}))
    ),
    Case("bundle", "a step, a piece of an attachment, a step", (OPENED,) * 3, lines(packed(_FORM), chunk(), packed())),
    Case("register", "a country's authorities", (OPENED,), lines(register())),
    Case(
        "personal_data",
        "blocking confirmed, early deletion asked for, an answer corrected",
        (OPENED,) * 3,
        lines(*on_data()),
    ),
    Case("signals", "receipts, and a request to send again", (OPENED,) * 2, lines(*signals())),
    Case("skip", "a number of the stream that is passed by", (OPENED,), lines(skip())),
    Case(
        "given_back",
        "what FR itself made to DE, as DE gives it back to a node that asks for it",
        (OPENED,) * 2,
        lines(recall(), signed(step(sender="FR", to={"DE": 4}), "FR") + "~"),
    ),
    Case("later_version", "a member that this version does not know", (OPENED,), lines(forged(payload(later=[1])))),
    Case(
        "older_key",
        "a statement from before the change of the signing key, which arrives late",
        (OPENED,),
        lines(
            statement.sign(step(at=NOW - timedelta(days=61)), KEYRINGS["DE"].signing[1].key) + "~",
        ),
    ),
    Case(
        "one_bad_of_three",
        "the bad statement does not take the others with it",
        (OPENED, "bad_disclosure", OPENED),
        lines(packed(_FORM), statement.Packed(packed(_FORM, "bare").jws), packed()),
    ),
)
