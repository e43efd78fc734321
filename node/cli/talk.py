"""What commands work with: a running node, asked through the door in its folder, and the policy areas."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from node.areas import BUILT_IN, Areas, load_areas
from node.cli.user import USER
from node.client import NodeAway, NodeClient
from node.config import Config, read_config
from schemas.declaration import parse_policy_area

Answer = TypeVar("Answer")


def ask(folder: Path, question: Callable[[NodeClient], Awaitable[Answer]], *, user: str | None = None) -> Answer:
    """Put a question to the node of a folder, as one of its users or as its own account.

    Raises:
        BadConfig: the folder is no node's.
        NodeAway: the node does not run.
        Declined: it answered that it won't.
    """
    return asyncio.run(_ask(read_config(folder), question, user))


def known_here(folder: Path) -> tuple[Config, Areas]:
    """Read a node's settings and its policy areas: those of program and folder, and what was published to the node.

    A node that does not run can't tell what was published to it.

    Raises:
        BadConfig, BadDeclaration: the folder is no node's, or one of its declarations is wrong.
    """
    config = read_config(folder)
    areas = load_areas(config.areas)
    try:
        published = asyncio.run(_ask(config, lambda node: node.declarations.published()))
    except NodeAway:
        published = []
    return config, {**areas, **{(area.area, area.version): area for area in published}}


def open_here(folder: Path, areas: Areas) -> Areas:
    """Those of these policy areas with which the node can begin an exchange now; raises as `ask` does."""
    known = ask(folder, lambda node: node.declarations.all())
    is_open = {(each.area, each.version) for each in known if each.is_open}
    return {key: area for key, area in areas.items() if key in is_open}


def built_in_areas() -> Areas:
    """The policy areas that come with the program, where no node's folder is at hand."""
    known = (parse_policy_area(path.read_text()) for path in sorted(BUILT_IN.glob("*.toml")))
    return {(area.area, area.version): area for area in known}


async def _ask(config: Config, question: Callable[[NodeClient], Awaitable[Answer]], user: str | None = None) -> Answer:
    async with NodeClient.connect(config.socket, user=user or USER.get()) as node:
        return await question(node)
