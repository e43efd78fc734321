"""What tests of real translations need: the program Apertium with the pair Italian and Spanish.

They are never skipped. Where it is missing they fail, and say what to install; `./imi test` installs it.
"""

import shutil
import subprocess

NEEDED = "apertium-spa-ita cg3"


def require_apertium() -> None:
    """Fail where Apertium, or the pair, is not installed."""
    program = shutil.which("apertium")
    listed = subprocess.run([program, "-l"], capture_output=True, text=True, check=False).stdout if program else ""
    assert "ita-spa" in listed.split() and shutil.which("cg-proc"), (  # noqa: PT018  one remedy for both
        f"Apertium with Italian and Spanish is not installed here. As root: apt-get install {NEEDED}"
    )
