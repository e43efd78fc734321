"""Privacy notice and records of processing say what the declarations say (line 8)."""

import re
from html.parser import HTMLParser

import pytest

from node.cli.talk import built_in_areas
from node.handlers.transparency import as_html, as_text, privacy_notice, records_of_processing
from schemas.authorities import Authority
from schemas.policy_area import PolicyArea, Retention, all_fields
from schemas.transparency import Answerable, Paper

ANSWERABLE = Answerable(
    contact="IMI office, 1 Example Street", data_protection_officer="dpo@imi.example", supervisory_authority="The DPA"
)
AUTHORITY = Authority(id="DE/consumer-protection", name="Consumer <Protection> & Co")
AREAS = list(built_in_areas().values())


@pytest.mark.parametrize("make", [privacy_notice, records_of_processing])
def test_it_names_every_procedure_personal_field_period_and_who_answers(make: object) -> None:
    assert callable(make)
    text = as_text(make("DE", AREAS, [AUTHORITY], ANSWERABLE))

    for area in AREAS:
        assert f"{area.retention.block_after_months} months" in text
        for procedure in area.procedures.values():
            assert procedure.label in text
            assert procedure.purpose in text
            used = [area.forms[rule.form] for rule in procedure.steps.values() if rule.form]
            for field in all_fields(field for form in used for field in form.fields):
                if (field.personal or field.personal_when) and not field.fields:
                    assert field.label in text, field.name
    for said in (ANSWERABLE.contact, ANSWERABLE.data_protection_officer, ANSWERABLE.supervisory_authority):
        assert said in text


def test_a_changed_period_changes_the_notice() -> None:
    other = [area.model_copy(update={"retention": Retention(block_after_months=17)}) for area in AREAS]

    assert "17 months" not in as_text(privacy_notice("DE", AREAS, [], ANSWERABLE))
    assert "17 months" in as_text(privacy_notice("DE", other, [], ANSWERABLE))


def test_only_the_newest_version_of_a_policy_area_counts() -> None:
    newer: PolicyArea = AREAS[0].model_copy(update={"version": 99, "retention": Retention(block_after_months=1)})
    text = as_text(privacy_notice("DE", [newer, AREAS[0]], [], ANSWERABLE))

    assert "the latest 1 months" in text
    assert "the latest 6 months" not in text


def test_the_page_is_well_formed_and_takes_nothing_from_elsewhere() -> None:
    page = as_html(paper())
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href", "style"} & {name for name, _ in attrs}
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Check().feed(page)
    assert open_tags == []
    assert "Consumer &lt;Protection&gt; &amp; Co" in page
    assert not re.search(r"<script|<link", page)


def paper() -> Paper:
    return privacy_notice("DE", AREAS, [AUTHORITY], ANSWERABLE)
