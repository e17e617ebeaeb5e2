"""What a program says on stdout and stderr: its end is kept, however much it says."""
from __future__ import annotations

import os
import secrets
from threading import Event, Thread
from types import TracebackType
from typing import IO, Optional, Type

KEPT = 4096
"""Bytes."""
SHOWN = 300
"""Characters."""
END_S = 5.0
"""To read what is in the pipe when the program is gone."""


class Output:
    """A pipe that is always read, so that nobody waits for it and no disk is filled.

    Its end cannot be waited for: others may have inherited it, as Wine's services do
    from the first program. So a mark of our own goes in behind all that the program has
    said."""

    def __init__(self) -> None:
        self._kept = b""
        self._mark = secrets.token_bytes(16)
        self._is_read = Event()
        self._source, target = os.pipe()
        self.stream: IO[bytes] = os.fdopen(target, "wb")
        """For the program."""
        self._reader = Thread(target=self._read, name="output", daemon=True)

    def __enter__(self) -> Output:
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stream.write(self._mark)
        self.stream.close()
        self._is_read.wait(END_S)

    @property
    def last_line(self) -> str:
        """The last line that is not empty."""
        lines = self._kept.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:SHOWN] if lines else ""

    def _read(self) -> None:
        with os.fdopen(self._source, "rb", buffering=0) as source:
            while block := source.read(1 << 16):
                if self._is_read.is_set():
                    continue  # Somebody else's: read, so that they do not wait.
                said, mark, _ = (self._kept + block).partition(self._mark)
                self._kept = said[-KEPT:]
                if mark:
                    self._is_read.set()
