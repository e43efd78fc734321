"""Commands against a node that runs, without a broker: what it is told is kept, and waits."""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from broker.guarded import GuardedProcess
from node.areas import load_areas
from node.cli import main
from node.sandbox.cluster import CHECKOUT
from node.sandbox.federation import found
from node.sandbox.filling import fill

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Germany's node, as a process of its own; nothing listens where its broker should be."""
    place = tmp_path_factory.mktemp("running")
    now = datetime.now(UTC)
    config = found(place, ("DE", "CY"), at=now, broker="amqps://localhost:1")["DE"]
    answers = fill(load_areas(config.areas)["e_commerce", 1], "request", {"country_of_establishment": "CY"}, now)
    (place / "request.json").write_text(json.dumps(answers))
    process = GuardedProcess(
        [sys.executable, "-m", "node", "node", "run", str(config.folder)],
        folder=place,
        log=place / "log",
        environment={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not config.socket.exists():
        assert process.is_running, (place / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield config.folder
    process.kill()


@pytest.fixture
def imi(node: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(group: str, verb: str, *arguments: object) -> tuple[int, str, str]:
        status = main([group, verb, str(node), *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


Imi = Callable[..., tuple[int, str, str]]


@pytest.fixture
def case(imi: Imi, node: Path) -> str:
    """A request that was sent, by the authority that its sender named."""
    form = node.parent / "request.json"
    status, out, _ = imi(
        "exchange", "send", "request", "--to", "CY", "--form", form, "--authority", "DE/consumer-protection"
    )
    assert status == 0
    assert re.search(r": Awaiting acceptance\. Cyprus is to accept, forward or refuse by \d+ \w{3} \d{4}\.\n$", out)
    return out.partition(":")[0]


def test_a_node_without_a_broker_stays_up_and_says_so(imi: Imi) -> None:
    status, out, _ = imi("node", "status")

    assert status == 1
    assert out.startswith("The node of Germany is not ready.\nIt has no connection to the broker: ")


def test_the_status_is_there_for_programs_too(imi: Imi) -> None:
    status, out, _ = imi("node", "status", "--json")

    assert status == 1
    assert json.loads(out)["ready"] is False


def test_a_request_that_was_sent_is_shown_as_waiting(imi: Imi, case: str) -> None:
    status, out, _ = imi("exchange", "show", case)

    assert status == 0
    assert "You may now: withdraw" in out
    assert "Send the request, by Germany (DE/consumer-protection)" in out
    assert "waits to be sent to Cyprus" in out
    assert "  Country in which the provider is established: CY" in out


def test_exchanges_are_listed_and_chosen_by_state(imi: Imi, case: str) -> None:
    assert case in imi("exchange", "list")[1]
    assert case in imi("exchange", "list", "--state", "awaiting_acceptance")[1]
    assert imi("exchange", "list", "--state", "closed")[1] == "There are no exchanges.\n"
    assert case in [each["id"] for each in json.loads(imi("exchange", "list", "--json")[1])]


def test_a_form_that_is_wrong_is_declined_with_every_field(imi: Imi) -> None:
    status, out, err = imi(
        "exchange", "send", "request", "--to", "CY", "--authority", "DE/coordinator", "--set", "language=xx"
    )

    assert (status, out) == (1, "")
    lines = err.splitlines()
    assert lines[0] == "The step is not possible."
    assert any(line.startswith("  language: takes one of bg, cs") for line in lines)
    assert "  subject: is mandatory: Subject" in lines


def test_where_several_authorities_could_act_a_person_has_to_say_which(imi: Imi, node: Path) -> None:
    status, _, err = imi("exchange", "send", "request", "--to", "CY", "--form", node.parent / "request.json")

    assert status == 1
    assert err == "say which authority acts, with --authority: DE/consumer-protection, DE/coordinator\n"


def test_a_form_for_another_country_than_the_one_named_is_refused(imi: Imi, node: Path) -> None:
    status, _, err = imi("exchange", "send", "request", "--to", "FR", "--form", node.parent / "request.json")

    assert status == 1
    assert err == "country_of_establishment: the form says CY, and --to says FR\n"


def test_a_draft_is_kept_and_sent_later(imi: Imi) -> None:
    by = ("--authority", "DE/coordinator")
    status, out, _ = imi("exchange", "draft", "request", "--to", "CY", "--set", "subject=Later", *by)
    number = out.partition(":")[0]
    assert status == 0
    assert out.endswith(": Draft. DE/coordinator is to send the request.\n")

    shown = imi("exchange", "show", number)[1]
    sent = imi("exchange", "take", number, "send", *by)

    assert "Draft:\n  Subject: Later\n" in shown
    assert sent[0] == 1
    assert "  language: is mandatory: Language of drafting" in sent[2]
    assert "subject" not in sent[2]


def test_a_step_that_is_not_ones_own_is_declined_in_one_line(imi: Imi, case: str) -> None:
    for step in ("accept", "close", "nonsense"):
        settings = ("--set", "reply_proposed_by=2099-01-01") if step == "accept" else ()
        verb = ("take", case, step) if step == "nonsense" else (step, case)
        status, out, err = imi("exchange", *verb, *settings)

        assert (status, out) == (1, "")
        assert len(err.splitlines()) == 1


def test_a_withdrawal_ends_the_request(imi: Imi, case: str) -> None:
    assert imi("exchange", "withdraw", case, "--set", "withdrawal_reason=Sent by mistake.") == (
        0,
        f"{case}: Withdrawn.\n",
        "",
    )


def test_evidence_of_what_is_not_delivered_says_so(imi: Imi, node: Path, case: str) -> None:
    file = node.parent / "evidence.zip"
    assert imi("exchange", "evidence", case, "-o", file)[0] == 0

    status = main(["verify", str(file), "--root", str(node / "trust" / "root.json")])

    assert status == 1


def test_an_unknown_exchange_is_one_line(imi: Imi) -> None:
    number = "ECOM-REQ-DE-2001-000001"

    assert imi("exchange", "show", number)[2] == f"this node knows no exchange {number}\n"


def test_nothing_is_in_quarantine(imi: Imi) -> None:
    assert imi("node", "quarantine")[:2] == (0, "Nothing is in quarantine.\n")


def test_exchanges_are_found_by_words_and_conditions(imi: Imi, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = imi("exchange", "find", "FICTITIOUS", "--country", "CY", "--role", "sent", "--limit", 500)
    assert case in out
    assert imi("exchange", "find", "--number", case, "--overdue") == (0, "Nothing was found.\n", "")

    monkeypatch.setattr("sys.stdin", StringIO("fictitious\n"))
    status, out, _ = imi("exchange", "find", "-", "--sent-from", "2020-01-01", "--limit", 1, "--json")
    found = json.loads(out)
    assert (status, len(found["exchanges"]), found["behind"]) == (0, 1, 0)

    status, _, err = imi("exchange", "find", "colour:red")
    assert (status, err) == (1, "there is no field colour; leave a blank after the colon if you mean the words\n")


def test_statistics_are_shown_and_written_as_files(imi: Imi, case: str, node: Path) -> None:
    assert case
    sheet, data = node / "statistics.csv", node / "statistics.json"

    status, out, _ = imi("statistics", "show", "--by", "receiver", "--period", f"{datetime.now(UTC):%Y}")
    assert (status, "e_commerce" in out, "CY" in out) == (0, True, True)
    assert imi("statistics", "show", "--by", "receiver", "--csv", sheet, "--json", data) == (0, "", "")

    headings, *rows = sheet.read_text().splitlines()
    assert headings == "area,procedure,receiver,count"
    assert [list(map(str, row.values())) for row in json.loads(data.read_text())] == [row.split(",") for row in rows]

    status, _, err = imi("statistics", "show", "--period", "spring")
    assert (status, err.splitlines()[0][:24]) == (1, "spring is no period; the")
    assert imi("statistics", "show", "--period", "1999")[1] == "There is nothing to count.\n"


def test_a_year_without_a_case_is_confirmed_and_indicators_are_shown(imi: Imi, case: str) -> None:
    assert case
    assert imi("statistics", "confirm-none", 1999) == (0, "Confirmed and reported: no case in 1999.\n", "")

    status, _, err = imi("statistics", "check")
    assert (status, "at the Commission's node" in err) == (1, True)
    assert imi("statistics", "show", "--indicators") == (0, "There is nothing to count.\n", "")


def test_what_is_to_be_done_and_the_mail_that_tells_it_are_listed(imi: Imi, case: str) -> None:
    status, out, _ = imi("notices", "list")
    assert (status, out) == (0, "There is nothing to do.\n")  # it is the other side's turn
    status, out, _ = imi("notices", "mail")
    assert (status, out) == (0, "No digest was made in the last 30 days.\n")

    status, out, _ = imi("exchange", "list", "--overdue")
    assert (status, out) == (0, "There are no exchanges.\n")
    assert case in imi("exchange", "list")[1]
    assert "Due on " in imi("exchange", "show", case, "--peek")[1]


NOT_THERE = {
    "state": (("exchange", "list", "--state", "nonsense"), "there is no state nonsense; there are "),
    "country by ISO": (("exchange", "find", "--country", "gr"), "GR: Greece has the code EL"),
    "country": (("exchange", "find", "--country", "XX"), "the federation has no country XX; there are AT, "),
    "authority": (("exchange", "find", "--authority", "DE/nix"), "no authority DE/nix is known here"),
    "area": (("exchange", "find", "--area", "nix"), "there is no policy area nix; there are e_commerce, "),
    "feature": (("statistics", "show", "--by", "nonsense"), "exchanges can't be divided by nonsense; there are status"),
    "month": (("statistics", "show", "--indicators", "--period", "2026-11"), "indicators are by quarter: 2026-Q4"),
    "both": (("statistics", "show", "--indicators", "--by", "status"), "--by divides counts, and indicators are by co"),
    "draft to nobody": (("exchange", "draft", "request", "--to", "ZZ"), "country_of_establishment: takes the EU code"),
    "draft to oneself": (("exchange", "draft", "request", "--to", "DE"), "country_of_establishment: DE is your own"),
    "draft to no node": (("exchange", "draft", "request", "--to", "FR"), "the directory has no active node of France"),
}


@pytest.mark.parametrize(("arguments", "sentence"), NOT_THERE.values(), ids=NOT_THERE)
def test_what_there_is_not_is_refused_with_what_there_is(imi: Imi, arguments: tuple[str, ...], sentence: str) -> None:
    by = ("--authority", "DE/coordinator") if "draft" in arguments else ()

    status, out, err = imi(*arguments, *by)

    assert (status, out) == (1, "")
    assert sentence in err


def test_a_draft_has_no_versions_and_no_evidence(imi: Imi, node: Path) -> None:
    by = ("--authority", "DE/coordinator")
    draft = imi("exchange", "draft", "request", "--to", "CY", "--set", "subject=Later", *by)[1].partition(":")[0]

    assert imi("exchange", "versions", draft)[1] == "Nothing of it is sent yet: there are no versions.\n"
    status, _, err = imi("exchange", "evidence", draft, "-o", node.parent / "none.zip")
    assert (status, err) == (1, f"nothing of {draft} is sent yet: there is nothing to prove\n")
    assert imi("statistics", "check", "--year", 99999)[0] == 2
