"""A folder that is gone when its user is, even when that one is killed (kill -9).

A small shell waits at the end of a pipe that only we hold. When we end without a farewell, the kernel closes the
pipe, and the shell removes the folder. Programs of ours may still be dying then (`broker.guarded`) and write a last
file: it tries until the folder stays away.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WATCH = """
trap '' HUP INT TERM
read -r farewell && exit
for try in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1"
    sleep 1
    [ -e "$1" ] || exit
done
"""
_END_SECONDS = 10.0


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """Make a folder for as long as the block lasts: in the system's place for such folders, for its owner only.

    Args:
        prefix: how its name begins; the rest is random, so that two never meet.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    watch = subprocess.Popen(  # noqa: S603 - the command is ours
        ["/bin/sh", "-c", _WATCH, "watch", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        watch.communicate(b"farewell\n", timeout=_END_SECONDS)
