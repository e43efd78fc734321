"""Authorities and users in words: lines and rows for the person at the keyboard."""

from collections.abc import Iterator, Mapping
from datetime import date

from node.cli.words import party, printable, when
from schemas.authorities import Authority, Contact, Coordination
from schemas.people import Grant, RegisteredAuthority, User
from schemas.register import AuthorityView, CountryRegister, FoundAuthorities, RegisterView

AUTHORITIES = ("authority", "name", "status", "access", "coordinates")
USERS = ("user", "name", "roles", "away", "")


def found_lines(found: FoundAuthorities, asked_for: str | None) -> Iterator[str]:
    """Tell what was found: the national coordinators first, then the authorities, each with its contacts."""
    if asked_for is not None and asked_for not in found.coordinators:
        yield f"{party(asked_for)} has no national IMI coordinator in any register or list known here."
    for node, coordinator in sorted(found.coordinators.items()):
        yield f"National IMI coordinator of {party(node)}:"
        yield from authority_lines(coordinator)
    named = {each.id for each in found.coordinators.values()}
    others = [each for each in found.authorities if each.id not in named]
    yield ""
    yield "Authorities:" if others else "No other authority was found."
    for each in others:
        yield from authority_lines(each)
    if found.more:
        yield "There are more: add words, a region or a procedure, or raise --limit."


def authority_lines(authority: Authority) -> Iterator[str]:
    """Tell an authority in a few lines, its contacts first."""
    yield printable(f"  {authority.id}  {authority.name}{_spoken(authority.languages)}")
    for contact in authority.contacts:
        yield printable(f"      {_contact(contact)}")
    if authority.coordination is not None:
        yield printable(f"      {coordination_words(authority.coordination)}")
    if authority.competences:
        yield printable(f"      competent for {', '.join(authority.competences)}")
    if authority.modules:
        yield f"      access: {access_words(authority.modules)}"


def view_lines(view: AuthorityView) -> Iterator[str]:
    """Tell all that is known of one authority."""
    authority = view.authority
    yield from authority_lines(authority)
    if authority.region:
        yield printable(f"      region: {authority.region}")
    if authority.parent is not None:
        yield f"      under {authority.parent}"
    if authority.acts_for:
        yield f"      acts for {', '.join(authority.acts_for)}"
    if view.registered is not None:
        approval = f"; an approver releases {', '.join(view.registered.approval)}" if view.registered.approval else ""
        yield f"      {view.registered.status} since {when(view.registered.since)}{approval}"
    yield f"      {published_words(view.country)}"


def register_rows(view: RegisterView) -> Iterator[tuple[str, ...]]:
    """One row for each authority of the own register."""
    for registered in view.authorities:
        yield _row(registered)


def published_words(country: CountryRegister) -> str:
    """Say where this node knows a country's authorities from."""
    if country.at is None:
        return f"{party(country.country)} has published no register yet; this is what the directory says"
    return f"register of {party(country.country)}, published on {when(country.at)}, {country.authorities} authorities"


def user_row(user: User, today: date) -> tuple[str, ...]:
    """One user."""
    away = [each for each in user.absences if each.last >= today]
    return (
        user.id,
        user.name,
        "; ".join(map(grant_words, user.grants)),
        "; ".join(f"{each.first} to {each.last}{_replaced(each.substitute)}" for each in away),
        f"left on {user.left_at:%Y-%m-%d}" if user.left_at is not None else "",
    )


def grant_words(grant: Grant) -> str:
    """Say a role."""
    where = f", {grant.area}" if grant.area is not None else ""
    only = f" ({', '.join(grant.procedures)})" if grant.procedures else ""
    return f"{grant.role} for {grant.authority}{where}{only}"


def access_words(modules: Mapping[str, tuple[str, ...]]) -> str:
    """Say to which procedures there is access."""
    return "; ".join(f"{area} {', '.join(given)}" for area, given in sorted(modules.items()))


def coordination_words(scope: Coordination) -> str:
    """Say what a coordinator coordinates."""
    kind = "national coordinator" if scope.national else "coordinator"
    areas = f" in {', '.join(scope.areas)}" if scope.areas else ""
    region = f" for {scope.region}" if scope.region else ""
    return f"{kind}{region}{areas} ({', '.join(scope.functions)})"


def _row(registered: RegisteredAuthority) -> tuple[str, ...]:
    authority = registered.authority
    scope = coordination_words(authority.coordination) if authority.coordination is not None else ""
    return authority.id, authority.name, registered.status, access_words(authority.modules), scope


def _contact(contact: Contact) -> str:
    ways = ", ".join(filter(None, (contact.email, contact.phone)))
    areas = f" for {', '.join(contact.areas)}" if contact.areas else ""
    return f"contact{areas}: {contact.name}{f', {ways}' if ways else ''}{_spoken(contact.languages)}"


def _spoken(languages: tuple[str, ...]) -> str:
    return f" [{' '.join(languages)}]" if languages else ""


def _replaced(substitute: str | None) -> str:
    return f", {substitute} stands in" if substitute is not None else ""
