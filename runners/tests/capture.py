"""ISO transport on the wire as tshark reads it: an independent reader."""
from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Sequence

from wspcheck_runner.wire import dissection
from wspcheck_runner.wire.capture import Capture
from wspcheck_runner.wire.packet import Endpoint, Tpdu

_MARK = (
    "import socket, sys; "
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    ".sendto(sys.argv[1].encode(), ('127.0.0.1', 9))"
)


@dataclass
class Connection:
    """A TCP connection."""

    caller: Endpoint
    tpdus: list[tuple[bool, Tpdu]] = field(default_factory=list)
    """Each with whether the end that called sent it."""
    sent: dict[tuple[Endpoint, int], int] = field(default_factory=dict)
    """How many octets were sent, by sender and number of the first octet; what is sent
    again counts once."""
    understood: int = 0
    """How many octets tshark found to be in TPKTs."""


@dataclass(frozen=True)
class Reading:
    """A capture as tshark reads it."""

    connections: list[Connection]
    """Those on which anything was sent, in the order of their beginnings."""
    malformed: list[int]
    """The numbers of the frames that tshark calls malformed."""


@contextlib.contextmanager
def captured(file: Path, enter: Sequence[str]) -> Iterator[None]:
    """Captures into a file what passes the loopback device of the network that a
    command enters by `enter`. All that was sent inside of the block is in the file
    behind it."""
    capture = Capture(file, enter, hosts=())
    capture.start()
    try:
        capture.await_ready()
        yield
        mark = secrets.token_hex(16)
        subprocess.run([*enter, sys.executable, "-c", _MARK, mark], check=True)
        capture.await_packet(lambda octets: mark.encode() in octets)
        capture.stop()
    finally:
        capture.abandon()


def read(file: Path) -> Reading:
    """Lets tshark read every TCP connection of the capture as TPKT; which ports that
    means is not known before."""
    found: dict[int, Connection] = {}
    malformed = []
    for packet in dissection.packets(file, dissection.iso_ports(file)):
        segment = packet.segment
        if segment is None:
            continue
        one = found.setdefault(segment.stream, Connection(packet.source))
        if segment.length:
            one.sent[packet.source, segment.seq] = segment.length
        one.understood += packet.understood
        one.tpdus += [(packet.source == one.caller, tpdu) for tpdu in packet.tpdus]
        if packet.is_malformed or packet.unclear:
            malformed.append(packet.number)
    return Reading([one for one in found.values() if one.sent], malformed)
