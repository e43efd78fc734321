"""The desk from the command line: who acts is said with --as, and what is declined says why in one line."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.areas import load_areas
from node.cli import main
from node.sandbox.filling import fill
from tests.unit.cli.running import germany

DE = "DE/consumer-protection"
USERS = (("root", "DE/coordinator", "administrator"), ("anna", DE, "handler"), ("ben", DE, "approver"))

Imi = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Germany's node with three users; its consumer protection authority has requests approved."""
    with germany(tmp_path_factory.mktemp("desk")) as config:
        answers = fill(
            load_areas(config.areas)["e_commerce", 1], "request", {"country_of_establishment": "CY"}, datetime.now(UTC)
        )
        (config.folder.parent / "request.json").write_text(json.dumps(answers))
        folder = str(config.folder)
        assert main(["authority", "change", folder, DE, "--approval", "send"]) == 0
        for name, authority, role in USERS:
            acting = ["--as", "root"] if name != "root" else []
            given = ["--name", name.title(), "--email", ""]
            assert main([*acting, "user", "add", folder, name, authority, role, *given]) == 0
        yield config.folder


@pytest.fixture
def imi(node: Path, capsys: pytest.CaptureFixture[str]) -> Imi:
    def run(user: str | None, group: str, verb: str, *arguments: object) -> tuple[int, str, str]:
        acting = ["--as", user] if user is not None else []
        status = main([group, *acting, verb, str(node), *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_request_is_drafted_submitted_sent_back_and_released(imi: Imi, node: Path) -> None:
    form = node.parent / "request.json"
    asked = ("request", "--to", "CY", "--form", form, "--authority", DE)

    status, _, err = imi("anna", "exchange", "send", *asked)
    assert (status, err) == (1, f"{DE} has send released by an approver: submit it with `imi desk submit`\n")

    status, out, _ = imi("anna", "exchange", "draft", *asked)
    case = out.partition(":")[0]
    assert status == 0
    assert imi("anna", "desk", "submit", case, "send") == (0, f"{case}: send is submitted for approval.\n", "")
    assert re.search(rf"{case} +send +{DE} +waits for approval +anna", imi("ben", "desk", "list")[1])
    assert imi("ben", "desk", "send-back", case, "send", "--note", "Say more.")[0] == 0
    assert "Say more." in imi("anna", "desk", "list")[1]
    assert imi("anna", "desk", "submit", case, "send")[0] == 0
    assert "Awaiting acceptance." in imi("ben", "desk", "release", case, "send")[1]
    assert imi("anna", "desk", "list") == (0, "Nothing waits on the desk.\n", "")
    assert f"{DE}" in imi("anna", "exchange", "show", case)[1]


def test_a_later_step_is_prepared_given_away_and_discarded(imi: Imi, node: Path) -> None:
    asked = ("request", "--to", "CY", "--form", node.parent / "request.json")
    case = imi("anna", "exchange", "draft", *asked)[1].partition(":")[0]
    assert imi("anna", "desk", "submit", case, "send")[0] == 0
    again = imi("anna", "exchange", "take", case, "save", "--set", "subject=Clearer")
    assert (again[0], "It no longer waits for approval: submit it again" in again[1]) == (0, True), again
    assert imi("anna", "desk", "submit", case, "send")[0] == 0
    assert imi("anna", "desk", "take-back", case, "send") == (0, f"{case}: send is yours again.\n", "")
    assert imi("anna", "desk", "submit", case, "send")[0] == 0
    assert imi("ben", "desk", "release", case, "send")[0] == 0

    prepared = imi("anna", "desk", "prepare", case, "withdraw", "--set", "withdrawal_reason=Settled")
    assert prepared == (0, f"{case}: withdraw is prepared, and not taken.\n", "")
    assert "(prepared):" in imi("anna", "exchange", "show", case)[1]
    assert imi("anna", "desk", "discard", case, "withdraw")[0] == 0
    assigned = imi("anna", "desk", "assign", case, "--authority", DE, "--to", "anna")
    assert assigned == (0, f"{case} is handled by anna for {DE}.\n", "")
    status, _, err = imi("anna", "desk", "disseminate", case, "--to", DE)
    assert (status, "to pass a notification on at home" in err) == (1, True)


def test_without_a_name_or_with_a_wrong_one_nothing_is_shown(imi: Imi, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "say which of them acts, with --as USER" in imi(None, "exchange", "list")[2]
    assert "nobody of the name eve is a user" in imi("eve", "exchange", "list")[2]
    assert imi("root", "exchange", "list")[0] == 1, "an administrator sees no exchange"

    monkeypatch.setenv("IMI_USER", "root")
    assert imi(None, "exchange", "list")[0] == 1
    assert imi("anna", "exchange", "list")[0] == 0, "what is said on the line counts"
