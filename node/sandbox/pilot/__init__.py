"""`imi pilot`: the Commission's pilot of 2013 to 2020 once more, through real nodes, with its figures.

The history is a file of cases; 32 nodes, each a process with its own store, keys and broker user, live it through by
a simulated clock. The figures come only from what the nodes stored and what their signed statistics told the
Commission, and are put beside those of its report, COM(2021) 295.

    run            the command
    replay         takes every step on its day
    observation    reads out of the nodes what it came to
    figures        what each figure means, over plain counts
    comparison     the report's printed figures and ours, with verdicts; `surveys` for its surveys
    history        the same counts straight from the file; `following` compares
    checks         what must hold beside the figures
    report         what is printed
"""

from node.sandbox.pilot.command import run

__all__ = ["run"]
