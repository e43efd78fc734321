"""The privacy notice (GDPR, Art. 13 and 14; IMI Regulation, Art. 18) and the records of processing (GDPR, Art. 30).

Both are made from what the node really does: declarations, register and configuration. A changed period, field or
recipient changes them, and nothing has to be kept in step by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from schemas.authorities import Authority
from schemas.parties import party_name
from schemas.policy_area import Field, Form, PolicyArea, Procedure
from schemas.transparency import Answerable, Paper, Section

_RIGHTS = (
    (
        "You may ask for access to your data, and to have them corrected, or deleted where they are processed "
        "unlawfully. Write to the contact above, or to the authority that handled your case. Data are corrected or "
        "deleted within 30 days of the request reaching the authority that answers for it (Regulation (EU) "
        "No 1024/2012, Article 19). National law may limit these rights in a given case; you are told so."
    ),
    "You may complain to the supervisory authority above.",
)
_SECURITY = (
    (
        "Data travel between the countries signed and sealed, so that nobody between them can read or change them. "
        "They are kept under a key of their own for each case. Only users of authorities that have to do with a case "
        "see personal data in it, and each reading is written down before the answer is given."
    ),
    (
        "When data are blocked, they are out of all pages, searches and exports. When they are deleted, their key is "
        "destroyed; what remains tells which country took which step when, and nothing of any person."
    ),
)


def privacy_notice(
    node: str, areas: Iterable[PolicyArea], authorities: Iterable[Authority], answerable: Answerable
) -> Paper:
    """Make the notice for the public."""
    current = _newest(areas)
    return Paper(
        title=f"Privacy notice: Internal Market Information System, {party_name(node)}",
        sections=(
            Section(heading="Who answers for it", paragraphs=_answering(answerable), rows=_controllers(authorities)),
            Section(
                heading="What it is for",
                paragraphs=("Authorities of the Member States ask and inform each other, as these acts provide:",),
                rows=(
                    ("procedure", "purpose", "legal basis"),
                    *((one.label, one.purpose, one.legal_basis) for _, _, one in _procedures(current)),
                ),
            ),
            Section(heading="Which data", rows=_categories(current)),
            Section(
                heading="Where they come from",
                paragraphs=(
                    (
                        "From the authorities that handle a case; they have them from you, from your service, from "
                        "public sources or from people who complain."
                    ),
                ),
            ),
            Section(heading="Who gets them", rows=_recipients(current)),
            Section(heading="How long they are kept", paragraphs=tuple(_periods(current))),
            Section(heading="How they are protected", paragraphs=_SECURITY),
            Section(heading="Your rights", paragraphs=_RIGHTS),
        ),
    )


def records_of_processing(
    node: str, areas: Iterable[PolicyArea], authorities: Iterable[Authority], answerable: Answerable
) -> Paper:
    """Make the records of processing activities: one for each procedure, and those of the node itself."""
    current = _newest(areas)
    return Paper(
        title=f"Records of processing activities: node of {party_name(node)}",
        sections=(
            Section(heading="Controllers", paragraphs=_answering(answerable), rows=_controllers(authorities)),
            *(_record(name, area, one) for name, area, one in _procedures(current)),
            Section(
                heading="Users of the node",
                paragraphs=(
                    "Purpose: access control, and proof of who acted (Regulation (EU) No 1024/2012, Art. 9 and 15).",
                    (
                        "Data: name, electronic address, language, roles, absences. Recipients: administrators of the "
                        "authority; nobody outside the node."
                    ),
                    "Period: while they are users, then for proof only, and deleted three years after they left.",
                ),
            ),
            Section(
                heading="Ledger",
                paragraphs=(
                    "Purpose: to verify which personal data were processed, when, by whom and why (Article 17).",
                    (
                        "Data: ids of users, case numbers, what was done. No content. Recipients: auditors; the head "
                        "of the ledger, a hash, is given to other nodes."
                    ),
                    "Period: not deleted. After a user's data are deleted, the id stands for nobody.",
                ),
            ),
            Section(heading="Security", paragraphs=_SECURITY),
        ),
    )


def as_text(paper: Paper) -> str:
    """Write a paper as plain text."""
    lines = [paper.title, "=" * len(paper.title)]
    for section in paper.sections:
        lines += ["", section.heading, "-" * len(section.heading), *section.paragraphs]
        lines += [f"- {'; '.join(filter(None, row))}" for row in section.rows[1:]]
    return "\n".join(lines) + "\n"


def as_html(paper: Paper) -> str:
    """Write a paper as a page of its own, without script, style sheet or image from elsewhere."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(paper.title)}</title></head><body><main><h1>{escape(paper.title)}</h1>",
    ]
    for section in paper.sections:
        parts.append(f"<section><h2>{escape(section.heading)}</h2>")
        parts += [f"<p>{escape(text)}</p>" for text in section.paragraphs]
        parts += _html_table(section.rows)
        parts.append("</section>")
    return "\n".join([*parts, "</main></body></html>\n"])


def _html_table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0])
    yield f"<table><thead><tr>{head}</tr></thead><tbody>"
    for row in rows[1:]:
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"


def _newest(areas: Iterable[PolicyArea]) -> list[PolicyArea]:
    """The greatest version of each policy area, by name."""
    newest: dict[str, PolicyArea] = {}
    for area in sorted(areas, key=lambda area: (area.area, area.version)):
        newest[area.area] = area
    return list(newest.values())


def _procedures(areas: Iterable[PolicyArea]) -> Iterator[tuple[str, PolicyArea, Procedure]]:
    for area in areas:
        for name, procedure in area.procedures.items():
            yield name, area, procedure


def _answering(answerable: Answerable) -> tuple[str, ...]:
    return (
        f"Contact: {answerable.contact}",
        f"Data protection officer: {answerable.data_protection_officer}",
        f"Supervisory authority: {answerable.supervisory_authority}",
        "Each authority is the controller of what its users do (Regulation (EU) No 1024/2012, Articles 6 and 7):",
    )


def _controllers(authorities: Iterable[Authority]) -> tuple[tuple[str, ...], ...]:
    rows = sorted((one.name, one.id) for one in authorities)
    return (("authority", "id"), *rows)


def _forms(area: PolicyArea, procedure: Procedure) -> Iterator[Form]:
    names = dict.fromkeys(rule.form for rule in procedure.steps.values() if rule.form is not None)
    return (area.forms[name] for name in names)


def _personal(fields: Iterable[Field], *, within: bool = False) -> Iterator[Field]:
    """Fields that hold personal data, or may; those of a personal group are all."""
    for field in fields:
        personal = within or field.personal or bool(field.personal_when)
        if field.fields:
            yield from _personal(field.fields, within=personal)
        elif personal:
            yield field


def _labels(area: PolicyArea, procedure: Procedure) -> tuple[str, ...]:
    found = (field.label for form in _forms(area, procedure) for field in _personal(form.fields))
    return tuple(dict.fromkeys(found))


def _categories(areas: Iterable[PolicyArea]) -> tuple[tuple[str, ...], ...]:
    rows = ((one.label, "; ".join(_labels(area, one)) or "none") for _, area, one in _procedures(areas))
    return (("procedure", "what may hold personal data"), *rows)


def _recipients(areas: Iterable[PolicyArea]) -> tuple[tuple[str, ...], ...]:
    rows = ((one.label, _told(one)) for _, _, one in _procedures(areas))
    return (("procedure", "recipients"), *rows)


def _told(procedure: Procedure) -> str:
    if procedure.kind == "record":
        return "nobody outside this node"
    return "; ".join(party.label for party in procedure.parties.values())


def _period(area: PolicyArea) -> str:
    kept = area.retention
    return (
        f"{area.label}: blocked at the latest {kept.block_after_months} months after the formal closure of the case, "
        f"deleted {kept.delete_after_years} years after it (Regulation (EU) No 1024/2012, Article 14)."
    )


def _periods(areas: Iterable[PolicyArea]) -> Iterator[str]:
    return map(_period, areas)


def _record(name: str, area: PolicyArea, procedure: Procedure) -> Section:
    return Section(
        heading=f"{procedure.label} ({area.area}.{name}, version {area.version})",
        paragraphs=(
            f"Purpose: {procedure.purpose}",
            f"Legal basis: {procedure.legal_basis}",
            "Data subjects: providers and recipients of services, complainants, contact persons, as the case has them.",
            f"Data: {'; '.join(_labels(area, procedure)) or 'none that are personal'}",
            f"Recipients: {_told(procedure)}",
            "Transfers to third countries: none.",
            f"Period: {_period(area)}",
        ),
    )
