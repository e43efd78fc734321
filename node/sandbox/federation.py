"""Founds a whole federation in one folder: for the demo, the pilot, the benchmark and integration tests.

It takes the same steps as the ceremony that `docs/guides` describes, with all holders' keys at hand.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from node.ceremony import federation, membership
from node.config import Config, Translation
from node.crypto.ring import SEALING_VALIDITY, SIGNING_VALIDITY
from schemas.authorities import Authority, Coordination
from schemas.identifiers import COMMISSION
from schemas.parties import COUNTRIES, party_name

HOLDERS = ("Root holder one", "Root holder two", "Root holder three")
THRESHOLD = 2

IN_PROCESS = "amqp://in-process"
"""The broker address of nodes that are handed their broker instead of connecting to one."""


@dataclass(frozen=True)
class Validity:
    """How long keys and directory are in force; longer where a simulated clock runs through years."""

    signing: timedelta = SIGNING_VALIDITY
    sealing: timedelta = SEALING_VALIDITY
    directory: timedelta = federation.DIRECTORY_VALIDITY


def found(
    folder: Path,
    nodes: Sequence[str],
    *,
    at: datetime,
    broker: str = IN_PROCESS,
    clock: Path | None = None,
    authorities: Mapping[str, Sequence[Authority]] | None = None,
    validity: Validity | None = None,
    translation: Mapping[str, Translation] | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> dict[str, Config]:
    """Found a federation with these nodes, ready to run.

    Args:
        folder: a new folder; the federation's papers go to `federation/`, each node to a folder of its name.
        nodes: party codes; EC is the Commission.
        at: the beginning of all keys' validity.
        broker: the address of the broker.
        clock: the file of a simulated clock; without it nodes go by the machine's.
        authorities: the authorities of each node; without it each gets two, for all of e-Commerce.
        validity: of keys and directory.
        translation: of nodes that have engines.
        random: the source of the keys' seeds.

    Returns:
        The configuration of each node.
    """
    lasting = validity or Validity()
    papers = folder / "federation"
    federation.found(papers, HOLDERS, threshold=THRESHOLD, at=at, random=random)
    configs = {
        node: Config(
            node=node,
            broker=broker,
            clock=clock or "system",
            folder=folder / node,
            translation=(translation or {}).get(node),
        )
        for node in nodes
    }
    for node, config in configs.items():
        own = (authorities or {}).get(node, default_authorities(node))
        application = membership.init(
            config,
            own,
            at=at,
            random=random,
            signing_validity=lasting.signing,
            sealing_validity=lasting.sealing,
        )
        federation.admit(papers, application, at=at)
    federation.publish(papers, federation.holder_keys(papers)[:THRESHOLD], at=at, valid_for=lasting.directory)
    for node, config in configs.items():
        membership.join(config, papers / "admitted" / node, at=at)
    return configs


def default_authorities(node: str) -> tuple[Authority, ...]:
    """Two authorities of a party: its coordinator, and one that handles cases; the Commission has one."""
    modules = {"e_commerce": ("request", "notification")}
    if node == COMMISSION:
        name = "European Commission, unit for e-Commerce"
        return (Authority(id="EC/e-commerce", name=name, languages=("en", "fr", "de"), modules=modules),)
    languages = COUNTRIES[node].languages
    return (
        Authority(
            id=f"{node}/coordinator",
            name=f"National IMI coordinator of {party_name(node)}",
            languages=languages,
            modules=modules,
            coordination=Coordination(national=True),
        ),
        Authority(
            id=f"{node}/consumer-protection",
            name=f"Consumer protection authority of {party_name(node)}",
            languages=languages,
            modules=modules,
        ),
    )
