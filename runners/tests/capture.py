"""ISO transport on the wire as tshark reads it: an independent reader."""
from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator, Optional, Sequence
from xml.etree import ElementTree

import pytest

PATIENCE_S = 20.0
TYPES = {0x0E: "CR", 0x0D: "CC", 0x08: "DR", 0x0C: "DC", 0x0F: "DT"}

_GUESSES = ("t125", "ses", "s7comm", "mms", "h1", "smb", "atn-ulcs", "rdp")
"""Protocols for which tshark takes user data that happen to look like theirs."""
_MARK = (
    "import socket, sys; "
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    ".sendto(sys.argv[1].encode(), ('127.0.0.1', 9))"
)


@dataclass(frozen=True)
class Tpdu:
    """A TPDU; None for what it lacks."""

    is_callers: bool
    """Whether the end that called sent it; otherwise the one that was called did."""
    type: str
    """A value of TYPES, or the number."""
    data: bytes
    to: Optional[int]
    """The reference of the end that is to get it (DST-REF)."""
    by: Optional[int]
    """The reference of the end that sent it (SRC-REF)."""
    cause: Optional[int]
    class_: Optional[int]
    ends_message: Optional[int]
    """EOT."""


@dataclass
class Connection:
    """A TCP connection."""

    caller: str
    """Its port."""
    tpdus: list[Tpdu] = field(default_factory=list)
    sent: dict[tuple[str, int], int] = field(default_factory=dict)
    """How many octets were sent, by port and number of the first octet; what is sent
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
    log = file.with_suffix(".log")
    with log.open("wb") as stream:
        dumpcap = subprocess.Popen(
            [*enter, "dumpcap", "-q", "-i", "lo", "-w", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )

    def wait_for(what: str, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_there():
            if dumpcap.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace").strip()
                pytest.fail(f"no {what} from dumpcap, which says: {said or 'nothing'}")
            time.sleep(0.02)

    try:
        wait_for("beginning", lambda: b"File: " in log.read_bytes())
        yield
        # Packets keep their order, so with this one in the file all others are.
        mark = secrets.token_hex(16)
        subprocess.run([*enter, sys.executable, "-c", _MARK, mark], check=True)
        wait_for("last packet", lambda: mark.encode() in file.read_bytes())
    finally:
        if dumpcap.poll() is None:
            dumpcap.send_signal(signal.SIGINT)
        dumpcap.wait(PATIENCE_S)


def read(file: Path) -> Reading:
    """Lets tshark read every TCP connection of the capture as TPKT; which ports that
    means is not known before."""
    calls = _tshark(
        file,
        *("-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 0"),
        *("-T", "fields", "-e", "tcp.stream", "-e", "tcp.srcport", "-e", "tcp.dstport"),
    )
    found: dict[str, Connection] = {}
    options: list[str] = []
    for line in calls.splitlines():
        stream, caller, callee = line.split("\t")
        found[stream] = Connection(caller)
        options += ["-d", f"tcp.port=={callee},tpkt"]
    for guess in _GUESSES:
        options += ["--disable-protocol", guess]
    packets = ElementTree.fromstring(
        _tshark(file, *options, "-Y", "tcp.len > 0", "-T", "pdml")
    )
    malformed = []
    for packet in packets.iter("packet"):
        _take(packet, found[_show(packet, "tcp.stream")])
        if packet.find(".//*[@name='_ws.malformed']") is not None:
            malformed.append(int(_show(packet, "frame.number")))
    return Reading([one for one in found.values() if one.sent], malformed)


def _take(packet: ElementTree.Element, connection: Connection) -> None:
    """Adds what a packet holds: often one TPDU, but TCP may put several into one."""
    port = _show(packet, "tcp.srcport")
    place = port, int(_show(packet, "tcp.seq"))
    connection.sent[place] = int(_show(packet, "tcp.len"))
    tpdu: Optional[ElementTree.Element] = None
    for layer in packet:
        if layer.get("name") == "tpkt":
            connection.understood += int(_show(layer, "tpkt.length"))
        elif layer.get("name") == "cotp":
            _add(connection, port, tpdu, None)
            tpdu = layer
        elif layer.find(".//field[@name='data.data']") is not None:
            _add(connection, port, tpdu, layer)
            tpdu = None
    _add(connection, port, tpdu, None)


def _add(
    connection: Connection,
    port: str,
    tpdu: Optional[ElementTree.Element],
    data: Optional[ElementTree.Element],
) -> None:
    if tpdu is None:
        return
    number = _number(tpdu, "cotp.type")
    octets = "" if data is None else _field(data, "data.data").get("value", "")
    connection.tpdus.append(
        Tpdu(
            is_callers=port == connection.caller,
            type=TYPES.get(number or 0, str(number)),
            data=bytes.fromhex(octets),
            to=_number(tpdu, "cotp.destref"),
            by=_number(tpdu, "cotp.srcref"),
            cause=_number(tpdu, "cotp.cause"),
            class_=_number(tpdu, "cotp.class"),
            ends_message=_number(tpdu, "cotp.eot"),
        )
    )


def _field(part: ElementTree.Element, name: str) -> ElementTree.Element:
    found = part.find(f".//field[@name='{name}']")
    assert found is not None, f"tshark shows no {name}"
    return found


def _show(part: ElementTree.Element, name: str) -> str:
    return _field(part, name).get("show", "")


def _number(part: ElementTree.Element, name: str) -> Optional[int]:
    found = part.find(f".//field[@name='{name}']")
    return None if found is None else int(found.get("show", ""), 0)


def _tshark(file: Path, *arguments: str) -> str:
    """What it prints, with nobody's preferences."""
    return subprocess.run(
        ["tshark", "-n", "-r", str(file), *arguments],
        env={**os.environ, "WIRESHARK_CONFIG_DIR": str(file.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    ).stdout
