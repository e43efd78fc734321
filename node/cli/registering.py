"""Commands that change authorities in the register of this node; who may is decided by the node."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.authority import CHANGE, AuthorityName, Folder

if TYPE_CHECKING:
    from schemas.authorities import Contact
    from schemas.register import Change

_NONE = "empty for none."
_Contacts = Annotated[
    list[str] | None,
    typer.Option("--contact", help='Name and address: "IMI desk <imi@authority.example>"; empty for none.'),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the group of authorities."""
    for command in (invite, validate, access, coordinator, change, retire):
        app.command(rich_help_panel=CHANGE)(command)
    app.command("import", rich_help_panel=CHANGE)(import_)
    app.command(rich_help_panel=CHANGE)(publish)


def invite(
    *,
    folder: Folder,
    authority: AuthorityName,
    name: Annotated[str, typer.Option(help="Its name, as colleagues abroad shall read it.")],
    area: Annotated[list[str] | None, typer.Option(help="A policy area in which it is to work.")] = None,
    parent: Annotated[str | None, typer.Option(help="The authority above it.")] = None,
    region: Annotated[str, typer.Option(help="Its part of the country.")] = "",
    language: Annotated[list[str] | None, typer.Option(help="A language, the preferred one first.")] = None,
    competence: Annotated[list[str] | None, typer.Option(help="What it is competent for.")] = None,
    contact: _Contacts = None,
    approval: Annotated[list[str] | None, typer.Option(help="A step that an approver has to release.")] = None,
) -> None:
    """Register an authority; it counts once it is validated."""
    from schemas.authorities import Authority
    from schemas.register import InviteAuthority

    new = Authority(
        id=authority,
        name=name,
        parent=parent,
        region=region,
        languages=_all_of(language),
        competences=_all_of(competence),
        contacts=tuple(map(_contact, _all_of(contact))),
    )
    _change(folder, InviteAuthority(authority=new, areas=_all_of(area), approval=_all_of(approval)))
    typer.echo(f"{authority} is invited; a validating coordinator validates it: imi authority validate")


def validate(*, folder: Folder, authority: AuthorityName) -> None:
    """Confirm that an invited authority is what it says; from then on it counts."""
    from schemas.register import ValidateAuthority

    _change(folder, ValidateAuthority(authority=authority))
    typer.echo(f"{authority} is validated, and is told to the other nodes.")


def access(
    *,
    folder: Folder,
    authority: AuthorityName,
    area: Annotated[str, typer.Argument(help="The policy area: e_commerce.")],
    procedures: Annotated[
        list[str] | None, typer.Argument(metavar="[PROCEDURE]...", help="All that it has access to; none ends it.")
    ] = None,
) -> None:
    """Say to which procedures of a policy area an authority has access, in place of what it had there."""
    from schemas.register import GiveAccess

    _change(folder, GiveAccess(authority=authority, area=area, procedures=tuple(procedures or ())))
    typer.echo(f"{authority} has access to {', '.join(procedures or ['nothing'])} in {area}.")


def coordinator(
    *,
    folder: Folder,
    authority: AuthorityName,
    national: Annotated[bool, typer.Option("--national", help="The national coordinator of the country.")] = False,
    instead_of: Annotated[str | None, typer.Option(help="The national coordinator that it follows.")] = None,
    function: Annotated[
        list[str] | None, typer.Option(help="validating, access or content; all of them if none.")
    ] = None,
    area: Annotated[list[str] | None, typer.Option(help="Only in this policy area.")] = None,
    region: Annotated[str, typer.Option(help="Only for this part of the country.")] = "",
    end: Annotated[bool, typer.Option("--end", help="It coordinates nothing any more.")] = False,
) -> None:
    """Make an authority a coordinator, change what it coordinates, or end that."""
    from schemas.authorities import Coordination
    from schemas.register import NameCoordinator

    scope = {"national": national, "areas": tuple(area or ()), "region": region}
    if function:
        scope["functions"] = tuple(function)
    wanted = None if end else Coordination.model_validate(scope)
    _change(folder, NameCoordinator(authority=authority, coordination=wanted, instead_of=instead_of))
    typer.echo(f"{authority} coordinates {'nothing any more' if end else 'from now on'}.")


def change(
    *,
    folder: Folder,
    authority: AuthorityName,
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    parent: Annotated[str | None, typer.Option(help="The authority above it; empty for none.")] = None,
    region: Annotated[str | None, typer.Option(help="Its part of the country.")] = None,
    language: Annotated[list[str] | None, typer.Option(help=f"All languages, the preferred one first; {_NONE}")] = None,
    competence: Annotated[list[str] | None, typer.Option(help=f"All that it is competent for; {_NONE}")] = None,
    contact: _Contacts = None,
    acts_for: Annotated[list[str] | None, typer.Option(help=f"All local authorities that it acts for; {_NONE}")] = None,
    approval: Annotated[
        list[str] | None, typer.Option(help=f"All steps that an approver has to release; {_NONE}")
    ] = None,
) -> None:
    """Change what is said of an authority; what is not named stays as it is."""
    from node.cli.talk import ask
    from node.client import NodeClient
    from schemas.register import ChangeAuthority

    given = {
        "name": name,
        "region": region,
        "languages": _all_of(language) if language is not None else None,
        "competences": _all_of(competence) if competence is not None else None,
        "contacts": tuple(map(_contact, _all_of(contact))) if contact is not None else None,
        "acts_for": _all_of(acts_for) if acts_for is not None else None,
    }
    update: dict[str, object] = {field: value for field, value in given.items() if value is not None}
    if parent is not None:
        update["parent"] = parent or None

    async def alter(node: NodeClient) -> int:
        before = await node.register.authority(authority)
        steps = before.registered.approval if before.registered is not None else ()
        after = before.authority.model_validate({**dict(before.authority), **update})
        return await node.register.change(
            ChangeAuthority(authority=after, approval=_all_of(approval) if approval is not None else steps)
        )

    ask(folder, alter)
    typer.echo(f"{authority} is changed.")


def retire(*, folder: Folder, authority: AuthorityName) -> None:
    """End an authority; in exchanges that it took part in it keeps its name."""
    from schemas.register import RetireAuthority

    _change(folder, RetireAuthority(authority=authority))
    typer.echo(f"{authority} is retired, and the other nodes are told.")


def import_(
    *,
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="A structure, such as node/sandbox/structures/federal.toml.")],
    replace_national: Annotated[
        bool, typer.Option("--replace-national", help="Its national coordinator follows the present one.")
    ] = False,
) -> None:
    """Bring the register to what a structure file says, all or nothing; others in the register stay as they are."""
    from node.cli.talk import ask
    from node.client import NodeClient
    from node.handlers.registers.structures import changes_to
    from schemas.structure import parse_structure

    structure = parse_structure(file.read_text(encoding="utf-8"))

    async def bring(node: NodeClient) -> int:
        view = await node.register.own()
        registered = {each.authority.id: each for each in view.authorities}
        wanted = changes_to(structure, view.node, registered, replace_national=replace_national)
        return await node.register.change_all(wanted) if wanted else 0

    typer.echo(f"{ask(folder, bring)} changes were made.")


def publish(*, folder: Folder) -> None:
    """Tell all other nodes of the own authorities now; changes are told by themselves."""
    from node.cli.talk import ask

    typer.echo(f"{ask(folder, lambda node: node.register.publish())} nodes are told.")


def _change(folder: Path, wanted: "Change") -> None:
    from node.cli.talk import ask

    ask(folder, lambda node: node.register.change(wanted))


def _all_of(given: list[str] | None) -> tuple[str, ...]:
    """What was given of an option that may be repeated; an empty text stands for none."""
    return tuple(each.strip() for each in given or () if each.strip())


def _contact(text: str) -> "Contact":
    from node.cli.forms import BadForm
    from schemas.authorities import Contact

    name, bracket, rest = text.partition("<")
    address = rest.removesuffix(">")
    if not bracket or not rest.endswith(">") or "@" not in address or not name.strip():
        raise BadForm(f'--contact {text}: write "IMI desk <imi@authority.example>"')
    return Contact(name=name.strip(), email=address)
