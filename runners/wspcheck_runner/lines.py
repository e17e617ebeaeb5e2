"""Files of JSON lines that survive the death of who writes them, and files that are
either there completely or not at all."""
from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

Line = Mapping[str, Any]


class Lines:
    """A file that only grows, a line at a time. Whenever the writer is killed, all
    lines but the last are whole."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def append(self, line: Line) -> None:
        """Hands it to the system at once: nothing waits in a buffer of ours."""
        self._file.write(encoded(line))

    def close(self) -> None:
        """No more lines."""
        self._file.close()


def read(path: Path) -> list[dict[str, Any]]:
    """The lines up to the first that is not whole; none if there is no file."""
    return _read(path)[0]


def mend(path: Path) -> None:
    """Cuts off what is not whole."""
    if path.exists():
        os.truncate(path, _read(path)[1])


def encoded(line: Line) -> bytes:
    """A line as it stands in a file."""
    return (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8")


def write(path: Path, lines: Sequence[Line]) -> None:
    """The whole file at once."""
    with replacing(path) as fresh:
        fresh.write_bytes(b"".join(encoded(line) for line in lines))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; what was written there gets its name when it is on the disk.
    So there is never half a file of that name."""
    fresh = path.with_name(f".{path.name}.new")
    yield fresh
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


def _read(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Also how many bytes they are."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    found: list[dict[str, Any]] = []
    size = 0
    for line in data.splitlines(keepends=True):
        try:
            one = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n") or not isinstance(one, dict):
            break
        found.append(one)
        size += len(line)
    return found, size
