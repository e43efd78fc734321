"""Command lines as people type them: what they print, and the status that they end with."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.cli import main
from tests.unit.cli.conftest import Exported

ROOT = Path(__file__).parents[3]
DECLARATION = ROOT / "schemas" / "policy_areas" / "e_commerce.toml"


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str


Imi = Callable[..., Said]


@pytest.fixture
def imi(capsys: pytest.CaptureFixture[str]) -> Imi:
    def run(*arguments: object) -> Said:
        status = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return run


@pytest.fixture
def federation(imi: Imi, tmp_path: Path) -> Path:
    folder = tmp_path / "federation"
    assert imi("federation", "create", folder, "--holder", "A", "--holder", "B", "--threshold", 2).status == 0
    return folder


@pytest.fixture
def node(imi: Imi, tmp_path: Path) -> Path:
    folder = tmp_path / "de"
    given = ("--id", "DE", "--broker", "amqps://localhost:1", "--authority", "youth-media=Youth Media Authority")
    assert imi("node", "init", folder, *given).status == 0
    return folder


def both_keys(federation: Path) -> list[object]:
    return [part for number in (1, 2) for part in ("--key", federation / "holders" / f"holder-{number}.json")]


@pytest.mark.parametrize("asked", [[], ["help"], ["-h"], ["--help"]])
def test_help_names_the_groups_in_their_order(imi: Imi, asked: list[str]) -> None:
    said = imi(*asked)

    assert said.status == 0
    places = [said.out.index(heading) for heading in ("Try it", "Run it", "Trust it")]
    assert places == sorted(places)


def test_help_explains_a_command(imi: Imi) -> None:
    said = imi("help", "exchange", "send")

    assert said.status == 0
    assert "Open an exchange with another country" in said.out


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys, node.cli; node.cli.main(['help', 'exchange']);"
        "print(sorted({'httpx2', 'cryptography', 'aio_pika', 'uvicorn', 'node.client'} & set(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    "line",
    [
        ["nonsense"],
        ["node", "nonsense"],
        ["node", "init"],
        ["exchange", "send", "de"],
        ["federation", "publish", "x", "--key", "k", "--days", "0"],
    ],
)
def test_a_command_line_that_is_not_understood_ends_with_2(imi: Imi, line: list[str]) -> None:
    assert imi(*line).status == 2


def test_a_federation_is_founded_joined_and_shown(imi: Imi, federation: Path, node: Path) -> None:
    admitted = imi("federation", "admit", federation, node / "application.jws")
    unpublished = imi("federation", "show", federation)
    published = imi("federation", "publish", federation, *both_keys(federation), "--days", 30)
    joined = imi("node", "join", node, federation / "admitted" / "DE")
    shown = imi("federation", "show", federation)

    assert "DE/youth-media  Youth Media Authority" in admitted.out
    assert "changes that are not published yet" in unpublished.out
    assert published.out.startswith("Directory 1 is signed, with DE; in force until ")
    assert "not published" not in shown.out
    assert "e_commerce: request, notification" in shown.out
    [fingerprint] = [line for line in shown.out.splitlines() if len(line.strip()) == 64]
    assert fingerprint in joined.out


def test_a_node_is_suspended_and_reinstated(imi: Imi, federation: Path, node: Path) -> None:
    imi("federation", "admit", federation, node / "application.jws")

    for verb, status in (("suspend", "suspended"), ("expel", "expelled"), ("reinstate", "active")):
        assert imi("federation", verb, federation, "DE").status == 0
        assert status in imi("federation", "show", federation).out
    assert imi("federation", "suspend", federation, "FR").err == "FR is not a node of this federation\n"


def test_options_say_what_a_node_speaks_for(imi: Imi, federation: Path, tmp_path: Path) -> None:
    folder = tmp_path / "be"
    given = ["--id", "BE", "--broker", "amqps://b:1", "--authority", "one=First", "--authority", "two=Second"]
    chosen = ["--coordinator", "two", "--language", "nl", "--module", "e_commerce.request"]

    assert imi("node", "init", folder, *given, *chosen).status == 0
    imi("federation", "admit", federation, folder / "application.jws")

    shown = imi("federation", "show", federation).out
    rows = {line.split()[0]: line for line in shown.splitlines() if line.strip().startswith("BE/")}
    assert "national" in rows["BE/two"]
    assert "national" not in rows["BE/one"]
    assert "notification" not in shown


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--id", "GR", "--id GR: takes EC, or the EU code of a country (EL for Greece)"),
        ("--authority", "Youth Media", "--authority Youth Media: write name=title"),
        ("--authority", "Youth Media=X", "id: takes an authority after the code of its country: DE/youth-media"),
        ("--coordinator", "nobody", "--coordinator nobody: name one of the authorities: main"),
        ("--module", "e_commerce.alert", "--module e_commerce.alert: there is no such procedure"),
    ],
)
def test_a_wrong_option_is_named_with_the_remedy(imi: Imi, tmp_path: Path, option: str, value: str, says: str) -> None:
    given = {"--id": "EL", "--broker": "amqps://b:1", "--authority": "main=Main", option: value}

    said = imi("node", "init", tmp_path / "node", *(part for pair in given.items() for part in pair))

    assert said.status == 1
    assert said.err.startswith(says)
    assert not (tmp_path / "node").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("node", "status", "{}"), "is not a node's folder"),
        (("node", "join", "{}", "{}"), "is not a node's folder"),
        (("exchange", "list", "{}"), "is not a node's folder"),
        (("federation", "show", "{}"), "is no federation's folder; found one with `imi federation create`"),
        (("federation", "admit", "{}", "{}/none"), "none: No such file or directory"),
        (("broker", "run", "{}/b", "--federation", "{}"), "is no federation's folder"),
        (("broker", "admit", "{}", "--federation", "{}"), "is not the folder of a private broker"),
        (("verify", "{}/none.zip"), "none.zip: No such file or directory"),
        (("check", "{}"), "Is a directory"),
        (("exchange", "form", "nonsense"), "there is no form for nonsense"),
        (("exchange", "form", "request", "--area", "fishing"), "there is no policy area fishing; there are e_commerce"),
    ],
)
def test_what_can_be_foreseen_is_a_line_and_ends_with_1(
    imi: Imi, tmp_path: Path, line: tuple[str, ...], says: str
) -> None:
    said = imi(*(part.replace("{}", str(tmp_path)) for part in line))

    assert said.status == 1
    assert says in said.err
    assert "Traceback" not in said.err


def test_a_node_that_does_not_run_is_said_to_be_away(imi: Imi, node: Path) -> None:
    said = imi("node", "status", node)

    assert said.status == 1
    assert "start it with `imi node run FOLDER`" in said.err


def test_a_node_without_papers_cannot_run_and_says_why(node: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "node", "node", "run", node], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert said.returncode == 2
    assert "can't run" in said.stderr
    assert "Traceback" not in said.stderr


def test_too_few_holders_publish_nothing(imi: Imi, federation: Path) -> None:
    said = imi("federation", "publish", federation, "--key", federation / "holders" / "holder-1.json")

    assert said.status == 1
    assert "have to" in said.err
    assert not (federation / "directory.json").exists()


def test_a_declaration_that_holds_together_is_accepted(imi: Imi) -> None:
    said = imi("check", DECLARATION)

    assert said.status == 0
    assert "request: 15 states, 26 steps" in said.out


def test_a_declaration_that_can_diverge_is_refused_with_the_story(imi: Imi, tmp_path: Path) -> None:
    diverging = tmp_path / "area.toml"
    diverging.write_text(
        DECLARATION.read_text().replace('crossing = { answered = "withdrawn", refused = "withdrawn",', "crossing = {")
    )

    said = imi("check", diverging)

    assert said.status == 1
    assert said.out == ""
    assert said.err.startswith("procedures.request: the copies of an exchange can come to differ.\n")
    assert "requesting takes the step withdraw" in said.err


def test_a_declaration_that_is_wrong_is_refused_with_the_place(imi: Imi, tmp_path: Path) -> None:
    wrong = tmp_path / "area.toml"
    wrong.write_text(DECLARATION.read_text().replace('to = "accepted"', 'to = "acepted"', 1))

    assert imi("check", wrong).err == "procedures.request: steps.accept: the state acepted is not declared\n"


def test_proven_evidence_is_told_in_plain_words(
    imi: Imi, exported: Exported, put: Callable[[Mapping[str, bytes]], Path], tmp_path: Path
) -> None:
    root = tmp_path / "root.json"
    root.write_text(exported.root)

    said = imi("verify", put(exported.request), "--root", root)

    assert said.status == 0
    assert "1. Send the request (Request for measures to the country of establishment)" in said.out
    assert "Germany (DE/coordinator) to Cyprus, " in said.out
    assert "delivered to Cyprus on " in said.out
    assert "All keys are traced to the root that you gave" in said.out
    assert said.out.endswith("Proven: every signature, every receipt, and the chain of what each party had seen.\n")


def test_evidence_that_rests_on_its_own_root_says_so(
    imi: Imi, exported: Exported, put: Callable[[Mapping[str, bytes]], Path]
) -> None:
    said = imi("verify", put(exported.request), "--content")

    assert said.status == 0
    assert "Anybody can make such a root." in said.out
    assert "country_of_establishment: CY" in said.out


def test_evidence_that_is_not_proven_ends_with_1_and_names_the_file(
    imi: Imi, exported: Exported, put: Callable[[Mapping[str, bytes]], Path]
) -> None:
    name = "statements/002-accept.jws"
    altered = {**exported.request, name: exported.request[name][:-5] + b"AAAAA"}

    said, as_json = imi("verify", put(altered)), imi("verify", put(altered), "--json")

    assert said.status == as_json.status == 1
    assert "Not all of it is proven:" in said.out
    assert name in said.out
    assert '"problems": [' in as_json.out
