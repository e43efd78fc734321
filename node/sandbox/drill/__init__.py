"""The privacy drill: after six months nobody sees personal data, after three years they do not exist, on any node.

A federation plays cases with a canary in every field and file, through closure, blocking and deletion, with nodes that
are down when it counts and an old copy of a store that comes back. At each stage every byte of every file, queue and
log is searched for every canary, and every node is asked everything as every kind of user.

What it can't show: coded answers hold no canary, and the memory of running processes is not searched.
"""

from node.sandbox.drill.command import run

__all__ = ["run"]
