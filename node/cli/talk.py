"""What commands work with: a running node, asked through the door in its folder, and the policy areas."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from node.areas import BUILT_IN, Areas, load_areas
from node.client import NodeClient
from node.config import Config, read_config
from schemas.declaration import parse_policy_area

Answer = TypeVar("Answer")


def ask(folder: Path, question: Callable[[NodeClient], Awaitable[Answer]]) -> Answer:
    """Put a question to the node of a folder.

    Raises:
        BadConfig: the folder is no node's.
        NodeAway: the node does not run.
        Declined: it answered that it won't.
    """
    return asyncio.run(_ask(read_config(folder), question))


def known_here(folder: Path) -> tuple[Config, Areas]:
    """Read what a node's folder says without the node: its settings and its policy areas.

    Raises:
        BadConfig, BadDeclaration: the folder is no node's, or one of its declarations is wrong.
    """
    config = read_config(folder)
    return config, load_areas(config.areas)


def built_in_areas() -> Areas:
    """The policy areas that come with the program, where no node's folder is at hand."""
    known = (parse_policy_area(path.read_text()) for path in sorted(BUILT_IN.glob("*.toml")))
    return {(area.area, area.version): area for area in known}


async def _ask(config: Config, question: Callable[[NodeClient], Awaitable[Answer]]) -> Answer:
    async with NodeClient.connect(config.socket) as node:
        return await question(node)
