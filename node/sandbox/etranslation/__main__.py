"""`python -m node.sandbox.etranslation`: the stand-in at a port of this machine."""

import argparse
import sys

from node.sandbox.etranslation.service import serve

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m node.sandbox.etranslation", description=__doc__)
    parser.add_argument("--port", type=int, default=8471)
    parser.add_argument("--delay", type=float, default=0.5, help="seconds until it answers")
    given = parser.parse_args()
    sys.exit(serve(given.port, given.delay))
