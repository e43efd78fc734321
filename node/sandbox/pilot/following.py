"""Compares the nodes' figures with those of a file of cases: whatever history is replayed, they must follow it."""

from collections import defaultdict

from node.sandbox.pilot.comparison import Verdict
from node.sandbox.pilot.figures import Figures
from schemas.frozen import Frozen


class Followed(Frozen):
    """Figures of one kind, such as requests by sender."""

    name: str
    nodes: dict[str, int]
    """By the last part of the figure's name."""
    file: dict[str, int]

    @property
    def verdict(self) -> Verdict:
        """Equal or different; a file leaves nothing to explain."""
        return Verdict.EQUAL if self.nodes == self.file else Verdict.DIFFERENT

    @property
    def differing(self) -> tuple[str, ...]:
        """The parts in which they differ."""
        names = self.nodes.keys() | self.file.keys()
        return tuple(sorted(name for name in names if self.nodes.get(name, 0) != self.file.get(name, 0)))


def follow(nodes: Figures, file: Figures) -> list[Followed]:
    """Compare all figures, by kind."""
    groups: dict[str, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
    for side, figures in enumerate((nodes, file)):
        for name, count in figures.items():
            stem, _, value = name.rpartition(".")
            groups[stem][side][value] = count
    return [Followed(name=name, nodes=ours, file=theirs) for name, (ours, theirs) in sorted(groups.items())]
