"""How a Windows program is started here: in Wine with a prefix of our own, or as it is
on Windows."""
from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from threading import Lock
from types import MappingProxyType
from typing import IO, Iterator, Mapping, Optional, Protocol, Sequence

from . import clients, hosts, places
from .errors import SetupError
from .network import Network

NOTHING: Mapping[str, str] = MappingProxyType({})
STOP_S = 10.0
"""For a server to end its clients and itself."""
MARK = "WSPCHECK_PROCESS"
"""Variable that tells what a program has started from what others have."""
WINE_FOLDERS = (Path("/usr/lib/wine"), Path("/opt/wine-stable/bin"), Path("/usr/bin"))


class Channel(Protocol):
    """Where wspcheck.exe runs."""

    network: Network
    """What its programs communicate over."""
    generation: int
    """How often what its programs depend on has been started anew."""

    def open(self, workers: int = 1) -> None:
        """Makes ready for so many; SetupError if something is missing."""

    def close(self) -> None:
        """Leaves nothing behind."""

    def start(
        self,
        arguments: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] = NOTHING,
        source: Optional[IO[bytes]] = None,
    ) -> subprocess.Popen[bytes]:
        """Starts a program, its stdout and stderr going to `output`, with these
        variables besides those that it gets anyway; stdin is `source`, or empty."""

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Ends a program and what belongs to it."""

    def is_alive(self, generation: int) -> bool:
        """Whether what a program of that generation depends on is still there."""

    def revive(self, generation: int) -> None:
        """Starts it anew, unless somebody has done so since that generation."""

    def path(self, path: Path) -> str:
        """The path as the program knows it."""

    def local(self, path: str) -> Optional[Path]:
        """The file of this machine behind a path that a profile names."""

    def version(self) -> str:
        """What runs the program: "Wine 8.0", "Windows 10"."""


class WineChannel:
    """A Wine, with the prefix that the set-up made."""

    def __init__(self, prefix: Path, system: Optional[Path] = None) -> None:
        self.network = Network(system)
        self._system = system
        self.generation = 0
        self._prefix = prefix
        self._lock: Optional[IO[bytes]] = None
        self._server: Optional[subprocess.Popen[bytes]] = None
        self._reviving = Lock()
        self._marks: dict[int, str] = {}
        self._environment = _wine_environment(prefix)

    def open(self, workers: int = 1) -> None:
        """One run at a time has the prefix, since in Wine it is the server that makes
        the sockets: it has to start inside of the run's network. So a server that is
        there already is a leftover."""
        if not (self._prefix / "drive_c").is_dir():
            raise SetupError(
                f"there is no Wine prefix at {places.for_reader(self._prefix)}: "
                f"start runners/run{_option()}, which makes it"
            )
        self._lock = _locked(self._prefix.parent / f"{self._prefix.name}.lock")
        self.network.open(workers)
        self._start_server("--kill").wait(60)
        self._kill_clients()
        self._server = self._start_server("--foreground", "--persistent")

    def close(self) -> None:
        """Stops the server, and with it whatever still runs in the prefix."""
        if self._lock is not None:
            self._stop_server()
            self.network.close()
            self._lock.close()
        self._lock = None

    def is_alive(self, generation: int) -> bool:
        """Clients can bring Wine 8.0's server down: it faults when one asks for the
        list of all handles while another process has none yet, or none any more
        (seen with gdb, in its enumeration of handles)."""
        if self._server is None or self._server.poll() is not None:
            return False
        return generation == self.generation

    def revive(self, generation: int) -> None:
        """A new server; what is left of the old one's clients is killed by itself."""
        with self._reviving:
            if generation == self.generation:
                self._stop_server()
                self._server = self._start_server("--foreground", "--persistent")
                self.generation += 1

    def _start_server(self, *arguments: str) -> subprocess.Popen[bytes]:
        program = self._program("wineserver64", "wineserver")
        return subprocess.Popen(
            [*self.network.program_prefix, program, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _stop_server(self) -> None:
        """On SIGINT it ends its clients first; where it had died before, they stay."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._kill_clients()
        self._server = None

    def _kill_clients(self) -> None:
        clients.kill(f"WINEPREFIX={self._prefix}")

    def start(
        self,
        arguments: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] = NOTHING,
        source: Optional[IO[bytes]] = None,
    ) -> subprocess.Popen[bytes]:
        """In a process group of its own, so that Ctrl-C reaches the runner only."""
        mark = secrets.token_hex(8)
        process = subprocess.Popen(
            [*self.network.program_prefix, self._loader(), *arguments],
            env={**self._environment, **environment, MARK: mark},
            stdin=source or subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        clients.limit_memory(process.pid)
        self._marks[process.pid] = f"{MARK}={mark}"
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """The whole process group, and what has left it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        mark = self._marks.pop(process.pid, None)
        if mark:
            clients.kill(mark, services=False)

    def path(self, path: Path) -> str:
        """Drive Z: is the root of this machine."""
        return "Z:" + str(path.resolve()).replace("/", "\\")

    def local(self, path: str) -> Optional[Path]:
        """Follows the prefix's drives, without regard to case as Windows does."""
        windows = PureWindowsPath(path)
        if not windows.drive:
            return Path(path)
        here = self._prefix / "dosdevices" / windows.drive.lower()
        for part in windows.parts[1:]:
            matches = [
                one for one in _children(here) if one.name.lower() == part.lower()
            ]
            if not matches:
                return None
            here = matches[0]
        return here

    def version(self) -> str:
        """As Wine itself says it: "wine-8.0 (Debian 8.0~repack-4)"; 32-bit programs
        are mentioned."""
        said = subprocess.run(
            [*self.network.program_prefix, self._loader(), "--version"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        ).stdout.strip()
        return f"{said}, 32 bit" if hosts.current().architecture == "i686" else said

    def _loader(self) -> str:
        return self._program(*hosts.current().loaders)

    def _program(self, *names: str) -> str:
        """Its path in the system that it is of."""
        for name in names:
            for folder in WINE_FOLDERS:
                inside = folder / name
                seen = (
                    self._system / inside.relative_to("/") if self._system else inside
                )
                if seen.is_file():
                    return str(inside)
        raise SetupError(
            f"Wine is not installed: start runners/run{_option()}, which installs it"
        )


class WindowsChannel:
    """Windows itself."""

    def __init__(self) -> None:
        self.network = Network()
        self.generation = 0

    def open(self, workers: int = 1) -> None:
        """Nothing is needed."""

    def close(self) -> None:
        """Nothing is left behind: each process is waited for."""

    def start(
        self,
        arguments: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] = NOTHING,
        source: Optional[IO[bytes]] = None,
    ) -> subprocess.Popen[bytes]:
        """In a process group of its own, so that Ctrl-C reaches the runner only."""
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(
            list(arguments),
            env={**os.environ, **environment},
            stdin=source or subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            creationflags=flags,
        )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """With its children; those of a process that has ended are not found."""
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        process.wait()

    def is_alive(self, generation: int) -> bool:
        """Programs depend on nothing here."""
        return True

    def revive(self, generation: int) -> None:
        """There is nothing to start."""

    def path(self, path: Path) -> str:
        """Unchanged."""
        return str(path)

    def local(self, path: str) -> Optional[Path]:
        """Unchanged."""
        return Path(path)

    def version(self) -> str:
        """The release of Windows."""
        import platform

        return f"Windows {platform.version()}"


def here() -> Channel:
    """The channel of this machine."""
    if sys.platform == "win32":
        return WindowsChannel()
    return WineChannel(places.wine_prefix(), places.system())


def _locked(path: Path) -> IO[bytes]:
    """The file, locked; waits for another run to end, and says so."""
    import fcntl

    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("wspcheck: waiting for another run to end", file=sys.stderr)
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _option() -> str:
    """How the set-up is told which host is meant."""
    host = hosts.current()
    return f" --host {host.id}" if host.system else ""


def _wine_environment(prefix: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WINE") and name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    return {
        **kept,
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
    }


def _children(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())
