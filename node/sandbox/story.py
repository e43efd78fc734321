"""Stories for a visitor: exchanges that are played step by step, with forms as an authority would fill them in.

A story is data; so another one takes a file and no code. What it asks for is checked by the nodes that play it,
exactly as what a case handler types. Dates are relative, so that a story can be played on any day.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from schemas.authorities import Authority
from schemas.exchange import Act
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, NodeId, Slug

DEMO_STORY = Path(__file__).with_name("demo_story.toml")


class BadStory(ValueError):
    """The file can't be played; the message names the place in it."""


class ToldStep(Frozen):
    """A step, and the words in which the visitor hears of it."""

    by: NodeId
    authority: AuthorityId
    step: Slug
    says: str
    form: dict[Slug, object] = {}
    addressed: AuthorityId | None = None
    opened_by: tuple[NodeId, ...] = ()
    """Parties whose authority looks at it next, of which they give a signed receipt."""

    def act(self, procedure: str, exchange: str | None, at: datetime) -> Act:
        """What the authority's case handler submits at a time (aware UTC)."""
        return Act(
            step=self.step,
            authority=self.authority,
            exchange=exchange,
            procedure=procedure,
            form=dated(self.form, at),
            addressed=self.addressed,
        )

    def told(self, at: datetime) -> str:
        """The visitor's line, with the answers that it repeats."""
        return self.says.format_map(dated(self.form, at))


class Story(Frozen):
    """One exchange from its opening to its formal closure."""

    procedure: Slug
    title: str
    about: str
    steps: Annotated[tuple[ToldStep, ...], Field(min_length=1)]


class Programme(Frozen):
    """Who takes part, and what is played."""

    authorities: dict[NodeId, tuple[Authority, ...]]
    stories: tuple[Story, ...]

    @model_validator(mode="after")
    def _shows_both_procedures(self) -> "Programme":
        played = sorted(story.procedure for story in self.stories)
        if played != ["notification", "request"]:
            raise ValueError(f"a demo plays one request and one notification, not {', '.join(played) or 'nothing'}")
        return self


def read_programme(path: Path = DEMO_STORY) -> Programme:
    """Read a file of stories.

    Raises:
        BadStory: no such file, not TOML, or something is missing in it.
    """
    try:
        return Programme.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadStory(f"{path}: it can't be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadStory(f"{path}: it is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadStory(": ".join([str(path), *map(str, first["loc"]), first["msg"]])) from error


def dated(form: Mapping[str, object], at: datetime) -> dict[str, object]:
    """Turn the relative dates of a form into dates, and its relative moments into moments (both UTC)."""
    return {name: _dated(value, at) for name, value in form.items()}


def _dated(value: object, at: datetime) -> object:
    match value:
        case {"days": int(days), **rest} if not rest:
            return f"{at + timedelta(days=days):%Y-%m-%d}"
        case {"hours": int(hours), **rest} if not rest:
            return f"{at + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}Z"
        case _:
            return value
