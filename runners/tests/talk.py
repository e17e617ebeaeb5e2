"""wsptalk.exe, the end of an ISO transport connection that the provider makes."""
from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable, Optional

from wspcheck_runner import places
from wspcheck_runner.channel import Channel, WineChannel, here
from wspcheck_runner.network import Network

PATIENCE_S = 20.0
"""For anything that is bound to happen at once, on a busy machine."""
LAST_CALL = b"last"
"""Caller data that end the listener."""
SELECTOR = b"SV"
"""Of listeners; two octets are what everybody understands."""


class SharedNetwork(Network):
    """The system's own: the tests' sockets have to reach the provider's."""

    def open(self, workers: int) -> None:
        """Nothing is needed."""


def channel_to_the_system() -> Channel:
    """The channel of this machine, over the network that the tests use."""
    channel = here()
    if isinstance(channel, WineChannel):
        channel.network = SharedNetwork()
    return channel


def wait_for(what: str, is_so: Callable[[], bool], limit: float = PATIENCE_S) -> None:
    """Fails if it does not become so."""
    deadline = time.monotonic() + limit
    while not is_so():
        assert time.monotonic() < deadline, f"not within {limit:g} s: {what}"
        time.sleep(0.02)


class Talk:
    """One wsptalk.exe; to be used in a `with`, which leaves none behind."""

    def __init__(self, channel: Channel, output: Path, *arguments: str) -> None:
        self._channel = channel
        self._output = output
        with output.open("wb") as file:
            self.process: subprocess.Popen[bytes] = channel.start(
                [channel.path(places.binaries() / "wsptalk.exe"), *arguments], file
            )

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.kill(self.process)

    @property
    def lines(self) -> list[str]:
        """What it has said until now; Wine's own remarks are left out."""
        text = self._output.read_text("utf-8", "replace")
        complete = text[: text.rfind("\n") + 1].splitlines()
        return [
            line for line in complete if ":err:" not in line and ":fixme:" not in line
        ]

    def line(self, *words: str) -> str:
        """The first line with all these words; waits until it is there."""

        def found() -> Optional[str]:
            for line in self.lines:
                if all(word in line.split() for word in words):
                    return line
            return None

        def is_over() -> bool:
            return found() is not None or self.process.poll() is not None

        wait_for(f"{words} in {self.lines}", is_over)
        line = found()
        assert line is not None, f"ended without {words}: {self.lines}"
        return line

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.line("port").split()[1])

    def resident_bytes(self) -> int:
        """Memory of its process that is in use."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def end(self) -> int:
        """Makes the last call; the exit code."""
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(connect_request(LAST_CALL))
            return self.wait()

    def wait(self) -> int:
        """Its exit code, when it has ended by itself."""
        return self.process.wait(PATIENCE_S)


def listener(channel: Channel, folder: Path, *arguments: str) -> Talk:
    """Listens with SELECTOR, until the last call."""
    last = ["--until", LAST_CALL.hex(), "--own", SELECTOR.hex()]
    return Talk(channel, folder / "listener.txt", "listen", *last, *arguments)


def packet(tpdu: bytes) -> bytes:
    """The TPDU in a TPKT."""
    return b"\3\0" + (len(tpdu) + 4).to_bytes(2, "big") + tpdu


def connect_request(data: bytes, class_0: bool = False) -> bytes:
    """A CR from reference 1001 to SELECTOR, for TPDUs of 2048 octets."""
    options = b"\0" if class_0 else b"\x21"
    parameters = b"\xc0\1\x0b" + b"\xc2\2" + SELECTOR
    return packet(b"\x0d\xe0\0\0\x10\x01" + options + parameters + data)
