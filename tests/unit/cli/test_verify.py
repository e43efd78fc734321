"""What evidence proves, and what becomes of it when somebody alters it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from node.ceremony import federation
from tests.unit.cli.conftest import Exported, Files, judged

KINDS = ["root-0001.json", "directory-0001.json", *(f"statements/00{n}" for n in range(1, 7)), "receipts/001.jws"]


def altered(content: bytes, at: int) -> bytes:
    """Exchange one character for another that may stand there as well."""
    return content[:at] + (b"B" if content[at : at + 1] == b"A" else b"A") + content[at + 1 :]


def without(files: Files, *beginnings: str) -> Files:
    return {name: content for name, content in files.items() if not name.startswith(beginnings)}


def test_evidence_of_an_exchange_is_proven_back_to_the_given_root(exported: Exported) -> None:
    verdict = judged(exported.request, exported.root)

    assert verdict.problems == ()
    assert verdict.root is not None
    assert verdict.root.given
    assert [(told.sender, told.step) for told in verdict.told] == [
        ("DE", "send"),
        ("CY", "accept"),
        ("CY", "ask_information"),
        ("DE", "give_information"),
    ]
    sent = verdict.told[0]
    assert sent.step_label == "Send the request"
    assert sent.content["country_of_establishment"] == "CY"
    assert sent.undisclosed == 0
    [delivery] = sent.deliveries
    assert delivery.proof == "delivered"
    assert delivery.at is not None
    assert delivery.opened_at is not None
    assert sent.at <= delivery.at <= delivery.opened_at


def test_without_a_root_of_ones_own_the_verdict_says_so(exported: Exported) -> None:
    verdict = judged(exported.request)

    assert verdict.proven
    assert verdict.root is not None
    assert not verdict.root.given


def test_every_altered_file_is_noticed_and_named(exported: Exported) -> None:
    names = [name for name in exported.request if name != "README.txt"]
    for name in names:
        content = exported.request[name]
        for at in (len(content) // 3, len(content) // 2):
            verdict = judged({**exported.request, name: altered(content, at)}, exported.root)

            assert not verdict.proven, name
            assert any(problem.startswith(name) for problem in verdict.problems), (name, verdict.problems)
    assert all(any(name.startswith(kind) for name in names) for kind in KINDS)


def test_every_missing_statement_is_noticed_and_named(exported: Exported) -> None:
    statements = [name for name in exported.request if name.endswith(".jws") and name.startswith("statements/")]
    for name in statements[:-1]:
        verdict = judged(without(exported.request, name.removesuffix(".jws")), exported.root)

        assert f"{name[:14]}: is missing from the archive" in verdict.problems


def test_a_statement_that_is_missing_without_a_gap_is_named_by_those_that_build_on_it(exported: Exported) -> None:
    renumbered = {
        name.replace("/003-", "/002-"): content
        for name, content in without(exported.request, "statements/002").items()
        if not name.startswith(("statements/004", "statements/005", "statements/006"))
    }

    problems = judged(renumbered, exported.root).problems

    assert problems == ("Step 1 of CY is missing; statements/002-ask_information.jws builds on it.",)


def test_the_readme_proves_nothing_and_is_not_looked_at(exported: Exported) -> None:
    assert judged({**exported.request, "README.txt": b"lies"}, exported.root).proven
    assert judged(without(exported.request, "README"), exported.root).proven


def test_a_removed_receipt_is_said(exported: Exported) -> None:
    all_removed = judged(without(exported.request, "receipts/"), exported.root)
    one_removed = judged(without(exported.request, "receipts/001"), exported.root)

    # What the other side built on, it had; of the last step nothing shows it.
    assert [told.deliveries[0].proof for told in all_removed.told] == ["built_on", "built_on", "built_on", "unproven"]
    [last] = all_removed.problems
    assert last.endswith("give_information.jws: there is no receipt of CY; it is not proven that it has this")
    assert "receipts/001: is missing from the archive" in one_removed.problems


def test_erased_content_leaves_the_rest_proven(exported: Exported) -> None:
    erased = {name: content for name, content in exported.request.items() if not name.endswith(".disclosures")}

    verdict = judged(erased, exported.root)

    assert verdict.proven
    assert verdict.told[0].content == {}
    assert verdict.told[0].undisclosed > 10
    assert [each.state for each in verdict.attachments] == ["undisclosed"]


def test_content_that_is_left_out_in_part_is_counted(exported: Exported) -> None:
    name = "statements/001-send.disclosures"
    kept = b"".join(exported.request[name].splitlines(keepends=True)[:3])

    verdict = judged({**exported.request, name: kept}, exported.root)

    assert verdict.proven
    assert len(verdict.told[0].content) == 3
    assert verdict.told[0].undisclosed == len(judged(exported.request).told[0].content) - 3


def test_content_of_another_step_is_refused(exported: Exported) -> None:
    swapped = {
        **exported.request,
        "statements/002-accept.disclosures": exported.request["statements/003-ask_information.disclosures"],
    }

    problems = judged(swapped, exported.root).problems

    assert [problem.partition(":")[0] for problem in problems] == ["statements/002-accept.disclosures"]


def test_a_step_of_another_exchange_is_named(exported: Exported) -> None:
    foreign = {**exported.request, "statements/001-send.jws": exported.other["statements/001-send.jws"]}

    problems = judged(without(foreign, "statements/001-send.disclosures"), exported.root).problems

    assert any("builds on another statements/001-send.jws than the one here" in problem for problem in problems)
    assert any("belongs to another exchange" in problem for problem in problems)


def test_a_renamed_file_is_named(exported: Exported) -> None:
    renamed = {name.replace("002-accept", "002-refuse"): content for name, content in exported.request.items()}

    assert "statements/002-refuse.jws: is accept; the file was renamed" in judged(renamed, exported.root).problems


def test_evidence_of_another_federation_is_not_believed(exported: Exported, tmp_path: Path) -> None:
    federation.found(tmp_path, ["X"], threshold=1, at=datetime(2026, 1, 1, tzinfo=UTC), random=os.urandom)

    problems = judged(exported.request, (tmp_path / "root.json").read_text()).problems

    assert "root-0001.json: is not the root that was given, but another of the same version" in problems
    assert "No directory in the archive follows from the root: nobody's key is known." in problems


def test_evidence_without_root_or_directory_proves_nothing(exported: Exported) -> None:
    rootless = judged(without(exported.request, "root-"))
    unlisted = judged(without(exported.request, "directory-"), exported.root)

    assert rootless.told == unlisted.told == ()
    assert "Without a root no signature can be traced to anybody." in rootless.problems
    assert "No directory in the archive follows from the root: nobody's key is known." in unlisted.problems


def test_a_root_that_is_given_makes_up_for_one_that_is_missing(exported: Exported) -> None:
    assert judged(without(exported.request, "root-"), exported.root).proven


def test_an_attachment_is_put_together_and_compared_with_its_hash(exported: Exported) -> None:
    first = min(name for name in exported.request if "chunk" in name)
    lacking = without(exported.request, first.partition(".")[0])

    whole = judged(exported.request, exported.root)
    from_addressee = judged(exported.at_addressee, exported.root)
    problems = judged(lacking, exported.root).problems

    assert [(each.sender, each.pieces, each.state) for each in whole.attachments] == [("DE", 2, "whole")]
    assert from_addressee.proven
    assert [each.state for each in from_addressee.attachments] == ["undisclosed"]
    assert any(problem.endswith("pieces are missing, or don't fit together") for problem in problems)


def test_receipts_that_went_to_others_are_no_gap_in_the_evidence_of_a_third(exported: Exported) -> None:
    verdict = judged(exported.notification, exported.root)

    assert verdict.proven
    sent = {each.recipient: each.proof for each in verdict.told[0].deliveries}
    # The Commission's receipt for the notification went to Germany; its comment shows that it had it.
    assert sent == {"CY": "delivered", "EC": "built_on"}
    assert {each.recipient: each.proof for each in verdict.told[-1].deliveries} == {
        "CY": "delivered",
        "DE": "elsewhere",
    }
