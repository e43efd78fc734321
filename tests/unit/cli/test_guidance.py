"""The guidance as it is asked for: at a keyboard, by a program, and through a node."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from node.cli import app, main
from node.client import Declined, NodeClient
from node.sandbox.cluster import Arrangement, cluster

URGENT = {
    "establishment": "other_country",
    "action": "own_measure",
    "subject": "other",
    "service": "online",
    "ground": "public_policy",
    "urgent": "yes",
}


def given(answers: dict[str, str]) -> list[str]:
    return [part for name, code in answers.items() for part in ("--answer", f"{name}={code}")]


def test_a_program_gives_all_answers_and_gets_channel_source_reason_and_what_is_unverified(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["guidance", *given(URGENT)]) == 0

    out = capsys.readouterr().out
    assert "Recommended: e-Commerce in IMI: urgent notification" in out
    assert "Source: Directive 2000/31/EC, Article 3(5)" in out
    assert "Not verified:" in out
    assert "It decides nothing and blocks nothing" in out


def test_it_writes_what_the_form_keeps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "guidance.toml"

    assert main(["guidance", "--json", *given(URGENT), "--form", str(file)]) == 0

    kept = tomllib.loads(file.read_text())
    assert kept == json.loads(capsys.readouterr().out)["form"]
    assert kept["guidance_outcome"] == "ecommerce_urgent"
    assert kept["guidance_doubt"] is False


def test_without_a_keyboard_the_open_question_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guidance", "--answer", "establishment=other_country"]) == 1

    assert "give --answer action=..., with one of: general_rule" in capsys.readouterr().err


@pytest.mark.parametrize(("setting", "words"), [("colour=red", "no question colour"), ("urgent", "question=answer")])
def test_a_wrong_answer_is_explained(capsys: pytest.CaptureFixture[str], setting: str, words: str) -> None:
    assert main(["guidance", "--answer", setting]) == 1

    assert words in capsys.readouterr().err


def test_at_a_keyboard_it_asks_one_question_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.cli.guidance.is_at_keyboard", lambda: True)

    result = CliRunner().invoke(app, ["guidance"], input="2\n9\n2\n9\n1\n1\n2\n")

    assert result.exit_code == 0, result.output
    assert "Where is the provider of the service established?" in result.output
    assert "Recommended: e-Commerce in IMI: request, then notification" in result.output


async def test_a_node_gives_the_same_advice_and_keeps_it_with_the_exchange() -> None:
    async with cluster("DE", "CY", arrangement=Arrangement.IN_PROCESS, seed=3) as c:
        answers: dict[str, str] = {}
        client: NodeClient = c.DE.client
        while (step := await client.guidance.after(answers)).question is not None:
            answers[step.question.name] = URGENT[step.question.name]
        assert step.outcome is not None
        kept: dict[str, Any] = {**step.outcome.form}
        case = await c.DE.send("request", to="CY", **kept)
        await c.settle()

        view = await c.CY.exchange(case)
        with pytest.raises(Declined, match="no question colour"):
            await client.guidance.after({"colour": "red"})

    assert answers == URGENT
    assert view.exchange.facts["guidance_outcome"] == "ecommerce_urgent"
    assert view.exchange.facts["guidance_doubt"] == "no"
    form = view.steps[0].form
    assert form is not None
    assert form["guidance_path"] == step.outcome.form["guidance_path"]
