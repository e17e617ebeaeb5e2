"""The processes of this machine that are programs of a Wine, told apart by what stands
in their environment; and what one of them may take."""
from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

MEMORY = 2 << 30
"""Bytes that a program may write to. wspcheck.exe ends itself long before; this is for
the case that its watchdog cannot."""

SERVICES = (
    b"explorer.exe",
    b"plugplay.exe",
    b"rpcss.exe",
    b"services.exe",
    b"svchost.exe",
    b"winedevice.exe",
    b"wineboot.exe",
)
"""Programs that Wine starts when they are needed first, for everybody: they have the
environment of whom they were started for."""


def with_variable(variable: str, services: bool = True) -> list[int]:
    """Those with this variable (`NAME=value`), with or without the services."""
    mark = variable.encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if not (process / "exe").readlink().name.startswith("wine"):
                continue
            if mark not in (process / "environ").read_bytes().split(b"\0"):
                continue
            if services or not _is_service(process):
                found.append(int(process.name))
    return found


def kill(variable: str, services: bool = True) -> None:
    """Kills them."""
    for process in with_variable(variable, services):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def limit_memory(process: int) -> None:
    """Sets its limit, and that of what it starts."""
    import resource  # Windows has none; this module is read there too.

    with contextlib.suppress(OSError):
        resource.prlimit(process, resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _is_service(process: Path) -> bool:
    command = (process / "cmdline").read_bytes().lower()
    return any(name in command for name in SERVICES)
