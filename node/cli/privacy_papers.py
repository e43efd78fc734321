"""Reads what is asked about personal data from TOML files: a command line would show it to others."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import JsonValue, PositiveInt

from node.cli.forms import BadForm
from schemas.api import ExchangeView
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, Slug
from schemas.privacy import Asking, Detail, RectificationOrder, Saying

_DETAIL = frozenset(Detail.model_fields) - {"answer"}


class Paper(Frozen):
    """What is said about one answer, the step named by its number in the history."""

    authority: AuthorityId
    step: PositiveInt
    act: Saying
    field: Slug
    corrected: JsonValue = None
    remark: str = ""
    request: PositiveInt | None = None

    def order(self, view: ExchangeView) -> RectificationOrder:
        """The order that says it; raises BadForm where the exchange has not so many steps."""
        if self.step > len(view.steps):
            raise BadForm(f"step: {view.exchange.id} has {len(view.steps)} steps")
        about = view.steps[self.step - 1].message
        return RectificationOrder.model_validate({**self.model_dump(exclude={"step"}), "about": about})


def read_asking(file: Path) -> Asking:
    """Read a request: `kind`, `authority`, `exchange`, and as far as it takes them `ground`, `received_on`, the rest.

    Raises:
        BadForm: it is no TOML.
        ValidationError: something lacks or is too much.
    """
    given = _read(file)
    detail = {name: given.pop(name) for name in _DETAIL & given.keys()}
    return Asking.model_validate({**given, "detail": detail})


def read_rectification(file: Path) -> Paper:
    """Read what is to be said about an answer; raises as `read_asking` does."""
    return Paper.model_validate(_read(file))


def _read(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadForm(f"{file}: is no TOML: {error}") from error
    if isinstance(day := given.get("corrected"), date):
        given["corrected"] = day.isoformat()
    return given
