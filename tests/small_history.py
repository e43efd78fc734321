"""A history of three countries and the Commission, small enough for a test and with something of everything.

Formal closures lie so that by the end of 2019 one request is deleted, one hidden and one just closed.
"""

import json
from pathlib import Path
from typing import Any

from node.sandbox.cases import Pilot

_SENT = {"service_category": "online_shop", "grounds": ["cons"]}
_REQUEST = {**_SENT, "measures_asked": ["content_removal"]}
_REPLY = {"established": "yes", "activity_legal": "no", "outcome": "no_measures"}
_NOTIFICATION = {
    **_SENT,
    "variant": "intention",
    "measure_types": ["block_access"],
    "duration": "permanent",
    "asked_on": "2019-03-01",
    "reaction": "no_measures",
    "measure_planned_on": "2020-12-01",
}


def _event(at: str, by: str, step: str, **more: Any) -> dict[str, Any]:
    return {"at": f"{at}Z", "by": by, "step": step, **more}


def _authority(country: str, number: int, *, coordinator: bool = False) -> dict[str, Any]:
    return {
        "id": f"{country}/authority-0{number}",
        "name": f"Authority {number} ({country})",
        "modules": ["request", "notification"],
        "national_coordinator": coordinator,
    }


def _case(label: str, sender: str, receiver: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": label,
        "procedure": "request" if label.startswith("R") else "notification",
        "sender": f"{sender}/authority-01",
        "receiver": f"{receiver}/authority-01",
        "events": events,
        **more,
    }


CONTENT: dict[str, Any] = {
    "about": ["A small history for tests."],
    "registry": {
        "CY": [_authority("CY", 1, coordinator=True), _authority("CY", 2)],
        "DE": [_authority("DE", 1)],
        "IT": [_authority("IT", 1, coordinator=True)],
    },
    "cases": [
        _case(
            "R001",  # closed in August 2016: deleted since August 2019
            "DE",
            "CY",
            _event("2016-05-02T09:00", "DE", "send", form={**_REQUEST, "reply_requested_by": "2016-07-01"}),
            _event("2016-05-03T09:00", "CY", "forward", addressed="CY/authority-02"),
            _event("2016-05-04T09:00", "CY", "accept", form={"reply_proposed_by": "2016-07-01"}),
            _event("2016-06-01T09:00", "CY", "reply", form=_REPLY),
            _event("2016-08-31T09:00", "DE", "close"),
        ),
        _case(
            "R002",  # withdrawn in March 2019: hidden since September 2019
            "IT",
            "CY",
            _event("2019-03-01T09:00", "IT", "send", form={**_REQUEST, "reply_requested_by": "2019-05-01"}),
            _event("2019-03-04T09:00", "IT", "withdraw"),
        ),
        _case(
            "R003",  # refused in December 2019: closed, not hidden by the end of the year
            "DE",
            "IT",
            _event("2019-12-02T09:00", "DE", "send", form={**_REQUEST, "reply_requested_by": "2020-02-01"}),
            _event("2019-12-03T09:00", "IT", "refuse", form={"refusal_reason": "not_established"}),
        ),
        _case(
            "R004",  # open for ever
            "DE",
            "CY",
            _event("2020-06-02T09:00", "DE", "send", form={**_REQUEST, "reply_requested_by": "2020-08-01"}),
        ),
        _case(
            "N001",
            "DE",
            "CY",
            _event("2020-10-01T09:00", "DE", "send", form=_NOTIFICATION),
            _event("2020-10-02T09:00", "EC", "open", form={"comments_requested_by": "2020-11-02"}),
            _event("2020-10-05T09:00", "CY", "comment", form={"comment_type": "observation"}),
            _event(
                "2020-10-20T09:00", "EC", "assess", form={"assessment_status": "examined", "conclusion": "compatible"}
            ),
            _event("2020-11-20T09:00", "DE", "close"),
            follows=["R001"],
        ),
    ],
}


def small_history() -> Pilot:
    """Give the history."""
    return Pilot.model_validate_json(json.dumps(CONTENT))


def write_small_history(path: Path) -> Path:
    """Write it as a file of cases."""
    path.write_text(json.dumps(CONTENT), encoding="utf-8")
    return path
