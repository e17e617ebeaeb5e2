"""dumpcap at work while a process of the suite runs."""
from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Optional, Sequence

from ..network import Network
from . import pcapng

START_S = 20.0
"""Until dumpcap captures."""
PATIENCE_S = 20.0
"""Until what was sent is in the file."""
POLL_S = 0.02

SNAP_BYTES = 1536
"""Of each packet: every mark as a whole, and TPDUs as cases send them."""
BUFFER_MIB = 8

_WATCHED = """
exec 3<&0
{ read -r line <&3; kill -TERM $$; } &
exec "$@" 3<&- </dev/null
"""
"""A program that ends with the pipe that it is given: so it does not outlive us."""

_LOST = re.compile(r"Packets received/dropped on interface .*: (\d+)/(\d+) \(")


class NoCapture(Exception):
    """There are no packets, and why."""


def obstacle(network: Network) -> Optional[str]:
    """Why nothing can be captured here; None if nothing is known to stand against."""
    if sys.platform == "win32":
        return "packets are not captured on Windows"
    if not network.is_own:
        return (
            "the run has no network of its own, since this user may make no network "
            "namespace"
        )
    for program in ("dumpcap", "tshark"):
        if shutil.which(program) is None:
            return f"{program} is not installed (package tshark)"
    return None


class Capture:
    """A capture of what some addresses of the run's loopback device send and get."""

    def __init__(self, file: Path, prefix: Sequence[str], hosts: Sequence[str]) -> None:
        self.file = file
        self._log = file.with_suffix(".log")
        self._command = [*prefix, "sh", "-c", _WATCHED, "sh"]
        self._command += ["dumpcap", "-q", "-i", "lo", "-w", str(file)]
        self._command += ["-s", str(SNAP_BYTES), "-B", str(BUFFER_MIB)]
        if hosts:
            self._command += ["-f", " or ".join(f"host {host}" for host in hosts)]
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        """Begins; `await_ready` says when."""
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise NoCapture(f"dumpcap cannot be started: {error}") from error

    @property
    def pid(self) -> int:
        """dumpcap's process."""
        assert self._process
        return self._process.pid

    def await_ready(self) -> None:
        """Whatever is sent from now on is captured."""
        self._await(lambda: "File: " in self._said(), START_S, "does not begin")

    def await_packet(self, is_there: Callable[[bytes], bool]) -> None:
        """Until the file's octets are as wanted: packets keep their order, so with one
        in the file all others before it are."""
        self._await(
            lambda: is_there(pcapng.read(self.file)),
            PATIENCE_S,
            "has not written the last mark",
        )

    def stop(self) -> None:
        """Ends it. NoCapture if packets are missing."""
        if self._process is None:
            raise NoCapture("dumpcap was not started")
        self.abandon()
        counted = _LOST.search(self._said())
        if counted is None:
            raise NoCapture(f"dumpcap {self._excuse('did not count its packets')}")
        if int(counted[2]):
            raise NoCapture(
                f"dumpcap dropped {counted[2]} packets and kept {counted[1]}, so that "
                "nobody knows what passed"
            )

    def abandon(self) -> None:
        """Ends it, whatever was captured."""
        if self._process is None:
            return
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """Deletes what it wrote."""
        for file in (self.file, self._log):
            with contextlib.suppress(OSError):
                file.unlink()

    def _await(self, is_so: Callable[[], bool], limit_s: float, excuse: str) -> None:
        assert self._process
        deadline = time.monotonic() + limit_s
        while not is_so():
            if self._process.poll() is not None or time.monotonic() > deadline:
                if is_so():
                    return
                raise NoCapture(f"dumpcap {self._excuse(excuse)}")
            time.sleep(POLL_S)

    def _said(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _excuse(self, what: str) -> str:
        said = " ".join(self._said().split())
        return f"{what}; it says: {said[-300:] or 'nothing'}"
