"""A temporary folder that does not outlive a runner that was killed by much: the next
one removes it."""
from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO, Optional

PREFIX = "wspcheck-"
LOCK = "lock"


class Scratch:
    """A folder, ours as long as this process lives or until `remove`."""

    def __init__(self) -> None:
        _sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = _locked(self.path / f"{LOCK}.new")
        if self._lock:
            (self.path / f"{LOCK}.new").rename(self.path / LOCK)

    def remove(self) -> None:
        """Deletes it with all that is in it; may be called more than once."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock:
            self._lock.close()


def _sweep() -> None:
    """Removes the folders whose locks nobody holds any more."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError):
            held = _locked(lock)
            if held:
                shutil.rmtree(lock.parent, ignore_errors=True)
                held.close()


def _locked(path: Path) -> Optional[IO[bytes]]:
    """The file with a lock on it; None if somebody else has that, or where there are no
    such locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file
    except OSError:
        file.close()
        return None
