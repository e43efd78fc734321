"""Authorities and users from the command line: whom to turn to, and who may change what."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import node.sandbox
from node.cli import main
from tests.unit.cli.running import germany

PORT = "DE/port"
GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "coordinators.md"
COMMANDS = re.findall(r"\./imi (?:--as \w+ )?(authority|user) (\w+) ([^`\n]*)", GUIDE.read_text())
STRUCTURES = Path(node.sandbox.__path__[0]) / "structures"

Imi = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Germany's node, whose register is begun with what the directory says."""
    with germany(tmp_path_factory.mktemp("register")) as config:
        yield config.folder


@pytest.fixture
def imi(folder: Path, capsys: pytest.CaptureFixture[str]) -> Imi:
    def run(group: str, verb: str, *arguments: object, user: str | None = None) -> tuple[int, str, str]:
        acting = ["--as", user] if user is not None else []
        status = main([*acting, group, verb, str(folder), *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_an_authority_is_invited_validated_given_access_and_found(imi: Imi) -> None:
    invitation = ("--name", "Hafenamt Küste", "--area", "e_commerce", "--competence", "Verbraucherschutz")
    contact = ("--contact", "Desk <port@authority.example>", "--language", "de", "--region", "Küste")

    assert imi("authority", "invite", PORT, *invitation, *contact)[0] == 0
    assert imi("authority", "find", "hafenamt")[1].splitlines()[-1] == "No other authority was found."
    assert imi("authority", "validate", PORT)[0] == 0
    assert imi("authority", "access", PORT, "e_commerce", "request")[0] == 0

    status, out, _ = imi("authority", "find", "HAFEN", "kuste", "--country", "DE", "--area", "e_commerce")
    assert status == 0
    assert out.splitlines() == [
        "National IMI coordinator of Germany:",
        "  DE/coordinator  National IMI coordinator of Germany [de]",
        "      national coordinator (validating, access, content)",
        "      access: e_commerce request, notification",
        "",
        "Authorities:",
        "  DE/port  Hafenamt Küste [de]",
        "      contact: Desk, port@authority.example",
        "      competent for Verbraucherschutz",
        "      access: e_commerce request",
    ]


def test_a_country_without_coordinator_is_said_to_have_none(imi: Imi) -> None:
    _, out, _ = imi("authority", "find", "--country", "FR")

    assert out.splitlines()[0] == "France has no national IMI coordinator in any register or list known here."


def test_another_countrys_authority_is_shown_with_where_it_is_known_from(imi: Imi) -> None:
    status, out, _ = imi("authority", "show", "CY/coordinator")

    assert status == 0
    assert out.splitlines()[-1].strip() == ("Cyprus has published no register yet; this is what the directory says")


def test_what_is_refused_ends_in_one_line_with_the_remedy(imi: Imi) -> None:
    status, out, err = imi("authority", "coordinator", "DE/consumer-protection", "--national")

    assert (status, out) == (1, "")
    assert err == (
        "DE/coordinator is the national coordinator of Germany already, and a country has one (IMI Regulation, "
        "Art. 6); to put DE/consumer-protection in its place, add --instead-of DE/coordinator\n"
    )


def test_a_contact_that_is_no_address_is_refused(imi: Imi) -> None:
    assert imi("authority", "change", "DE/coordinator", "--contact", "Desk <x@y") == (
        1,
        "",
        '--contact Desk <x@y: write "IMI desk <imi@authority.example>"\n',
    )


def test_a_contact_without_an_address_is_refused(imi: Imi) -> None:
    _, _, err = imi("authority", "change", "DE/coordinator", "--contact", "Desk")

    assert err == '--contact Desk: write "IMI desk <imi@authority.example>"\n'


def test_what_is_given_empty_is_emptied(imi: Imi) -> None:
    options = ("--competence", "--approval", "--contact", "--acts-for")
    said = ("Trade", "send", "Desk <desk@authority.example>", PORT)
    assert imi("authority", "change", "DE/coordinator", *sum(zip(options, said, strict=True), ()))[0] == 0
    filled = json.loads(imi("authority", "show", "DE/coordinator", "--json")[1])

    assert imi("authority", "change", "DE/coordinator", *sum(((each, "") for each in options), ()))[0] == 0
    emptied = json.loads(imi("authority", "show", "DE/coordinator", "--json")[1])

    assert filled["registered"]["approval"] == ["send"]
    assert [filled["authority"][name] for name in ("competences", "acts_for")] == [["Trade"], [PORT]]
    assert emptied["registered"]["approval"] == []
    assert [emptied["authority"][name] for name in ("competences", "contacts", "acts_for")] == [[], [], []]


def test_what_there_is_not_is_said_with_what_there_is(imi: Imi) -> None:
    _, _, err = imi("authority", "change", "DE/coordinator", "--approval", "fly")
    assert err.startswith("no procedure has a step fly to be released; there are accept, ")
    assert imi("authority", "find", "--country", "gr")[2] == "GR: Greece has the code EL\n"
    assert imi("authority", "find", "--country", "XX")[2].startswith("the federation has no country XX; there are AT,")
    assert imi("authority", "find", "--country", "Cyprus")[2].startswith("country: takes the code of a country in cap")
    assert imi("authority", "find", "--area", "nix")[2].startswith("there is no policy area nix; there are e_comm")


def test_a_structure_is_imported_once(imi: Imi, tmp_path: Path) -> None:
    file = STRUCTURES / "federal.toml"

    status, out, _ = imi("authority", "import", file)
    assert (status, out.endswith(" changes were made.\n")) == (0, True)
    assert imi("authority", "import", file) == (0, "0 changes were made.\n", "")

    bad = tmp_path / "bad.toml"
    bad.write_text('[[authority]]\nname = "x"\n')
    assert imi("authority", "import", bad)[2].splitlines()[0] == "authority[1].title: is missing; add it"


def test_changes_are_listed_until_they_are_told(imi: Imi) -> None:
    assert imi("authority", "publish") == (0, "1 nodes are told.\n", "")
    status, out, _ = imi("authority", "list")

    assert status == 0
    assert "DE/coordinator-south" in out
    assert "register of Germany, published on" in out
    assert json.loads(imi("authority", "list", "--json")[1])["unpublished"] is False


def test_people_get_roles_go_away_and_leave(imi: Imi) -> None:
    person = ("--name", "Nina Berg", "--email", "nina@authority.example")
    today = datetime.now(UTC).date()

    assert imi("user", "list")[1] == "There are no users yet: the node's own account does everything.\n"
    status, _, err = imi("user", "add", "hugo", PORT, "handler", *person)
    assert status == 1
    assert err.startswith("the first user has to be an administrator of the national coordinator")

    for name, authority, role in (("nina", "DE/coordinator", "administrator"), ("hugo", PORT, "handler")):
        acting = "nina" if name == "hugo" else None
        assert imi("user", "add", name, authority, role, *person, user=acting)[0] == 0
    assert imi("user", "grant", "hugo", PORT, "approver", "--area", "e_commerce", user="nina")[0] == 0
    assert imi("user", "revoke", "hugo", PORT, "approver", "--area", "e_commerce", user="nina")[0] == 0
    assert imi("user", "absent", "hugo", today, today + timedelta(days=3), user="hugo")[0] == 0
    _, out, _ = imi("user", "list", user="nina")
    assert f"{today} to {today + timedelta(days=3)}" in out
    assert "handler for DE/port" in out
    assert imi("user", "present", "hugo", today, user="hugo")[0] == 0

    assert imi("user", "leave", "hugo", user="hugo")[2].startswith("hugo has no right to manage the users")
    assert imi("user", "leave", "hugo", user="nina")[0] == 0
    assert "left on" in imi("user", "list", user="nina")[1]


def test_the_own_account_gives_no_rights_once_there_are_users(imi: Imi) -> None:
    status, _, err = imi("authority", "retire", PORT)

    assert status == 1
    assert "say which of them acts, with --as USER" in err


@pytest.mark.parametrize(("group", "verb", "rest"), COMMANDS)
def test_the_guides_commands_are_there(
    group: str, verb: str, rest: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    assert main([group, verb, "--help"]) == 0
    explained = capsys.readouterr().out
    assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in explained] == []
