"""`python -m node` is the command line."""

from node.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
