"""Which other exchanges a form names, and as what: typed links, also across policy areas."""

from collections.abc import Iterator

from node.handlers.exchanges.forms import Content
from schemas.links import LinkKind
from schemas.policy_area import Field, Form


def named_links(form: Form, content: Content, own: str) -> tuple[tuple[str, LinkKind], ...]:
    """The exchanges that the answers of a form name, each once, with what the exchange is to them.

    Args:
        form: the declaration.
        content: the answers.
        own: the exchange that the form belongs to; it is no link of its own.
    """
    found: dict[str, LinkKind] = {}
    for name, kind in _named(form.fields, content):
        if name != own and found.get(name) != "follows":
            found[name] = kind
    return tuple(found.items())


def _named(fields: tuple[Field, ...], content: Content) -> Iterator[tuple[str, LinkKind]]:
    for field in fields:
        value = content.get(field.name)
        entries = value if isinstance(value, list) else [value]
        if field.type == "exchanges":
            yield from ((entry, field.link) for entry in entries if isinstance(entry, str))
        elif field.type == "group":
            for entry in entries:
                if isinstance(entry, dict):
                    yield from _named(field.fields, entry)
