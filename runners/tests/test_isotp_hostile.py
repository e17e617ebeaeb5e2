"""The ISO transport with peers that mean ill: nothing that they send ends, stops or
grows the provider, and other callers are served meanwhile."""
from __future__ import annotations

import re
import resource
import socket
import struct
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
from talk import (
    Talk,
    channel_to_the_system,
    connect_request,
    listener,
    packet,
)
from wspcheck_runner import places
from wspcheck_runner.channel import Channel

STREAMS = places.REPOSITORY / "reference" / "isotp" / "fuzz" / "streams.txt"
ANSWER_S = 5.0
"""For what the provider does at once."""
CALL_TIMER_S = 10.0
"""How long a caller may take for its CR, as reference/README.md has it."""
FLOOD_S = 3.0
HALF_OPEN = 1500
HALF_OPEN_KEPT = 1024
"""As reference/README.md has it: of more, the oldest go."""
HALF_OPEN_BYTES_MAX = 128 << 10
"""What each of them may need, its buffer included."""
GROWTH_MAX = 16 << 20
"""Bytes by which the process may grow: buffers, threads' stacks, Wine's own."""
MiB = 1 << 20


@dataclass(frozen=True)
class Stream:
    """A line of the list: see its head."""

    name: str
    scene: str
    octets: bytes
    outcome: str
    answer: bytes

    @property
    def ends_the_connection(self) -> bool:
        """Whether the provider gives up at it, within its real limits: those of the
        list's scenes for a TSDU are smaller."""
        return "failed" in self.outcome and "TSDU size" not in self.outcome


def octets_of(text: str) -> bytes:
    """As reference/isotp/test/hex.h has it."""
    result = b""
    for quoted, digits, count in re.findall(
        r'"([^"]*)"|([0-9a-f]+)(?:\*([0-9]+))?', text
    ):
        result += quoted.encode() + bytes.fromhex(digits) * int(count or 1)
    return result


def streams() -> list[Stream]:
    """The whole list."""
    result = []
    for line in STREAMS.read_text().splitlines():
        if line and not line.startswith("#"):
            name, scene, sent, outcome, answer = (
                one.strip() for one in line.split("|")
            )
            result.append(
                Stream(name, scene, octets_of(sent), outcome, octets_of(answer))
            )
    return result


@pytest.fixture(scope="module", name="channel")
def _channel() -> Iterator[Channel]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    channel = channel_to_the_system()
    channel.open()
    yield channel
    channel.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(name="talk")
def _talk(channel: Channel, tmp_path: Path) -> Iterator[Talk]:
    """A listener that after everything still serves, and ends cleanly."""
    with listener(channel, tmp_path, "--echo", "--farewell", "627965") as talk:
        assert_served(talk)
        yield talk
        assert_served(talk)
        assert talk.end() == 0, talk.lines
        assert talk.lines[-1] == "ended"


@contextmanager
def connection(talk: Talk) -> Iterator[socket.socket]:
    """A TCP connection to the listener."""
    with socket.create_connection(("127.0.0.1", talk.port)) as peer:
        peer.settimeout(ANSWER_S)
        yield peer


def read_exactly(peer: socket.socket, size: int) -> bytes:
    """So many octets."""
    result = b""
    while len(result) < size:
        piece = peer.recv(size - len(result))
        assert piece, f"the end after {result!r}"
        result += piece
    return result


def read_packet(peer: socket.socket) -> bytes:
    """The TPDU of the next TPKT."""
    header = read_exactly(peer, 4)
    return read_exactly(peer, int.from_bytes(header[2:], "big") - 4)


def read_to_the_end(peer: socket.socket) -> bytes:
    """All that comes; a reset is an end too."""
    result = b""
    with suppress(ConnectionError):
        while piece := peer.recv(65536):
            result += piece
    return result


def open_circuit(peer: socket.socket, class_0: bool = False) -> bytes:
    """Calls; the provider's reference."""
    peer.sendall(connect_request(b"", class_0))
    confirm = read_packet(peer)
    assert confirm[1:4] == b"\xd0\x10\x01", confirm
    return confirm[4:6]


def assert_served(talk: Talk) -> None:
    """A decent caller has its message back and its farewell answered."""
    with connection(talk) as peer:
        reference = open_circuit(peer)
        peer.sendall(packet(b"\x04\xf0" + reference + b"\x80decent"))
        assert read_packet(peer)[5:] == b"decent"
        peer.sendall(packet(b"\x06\x80" + reference + b"\x10\x01\x80" + b"\xff" * 64))
        assert read_packet(peer) == b"\x06\x80\x10\x01" + reference + b"\x80bye"


def provoke(talk: Talk, stream: Stream, is_opening: bool) -> tuple[bytes, bytes]:
    """Sends it and ends sending; what came until the provider's end, and what should if
    the list says so for this moment."""
    with connection(talk) as peer:
        reference = b"\x20\x02"
        if not is_opening:
            reference = open_circuit(peer, stream.scene == "class 0")
        with suppress(ConnectionError):
            peer.sendall(stream.octets.replace(b"\x20\x02", reference))
            peer.shutdown(socket.SHUT_WR)
        answer = stream.answer.replace(b"\x20\x02", reference)
        return read_to_the_end(peer), answer


@pytest.mark.parametrize("scene", ["idle", "open", "class 0"])
def test_malformed_octets_end_their_connection_only(talk: Talk, scene: str) -> None:
    wrong = []
    mine = [one for one in streams() if one.scene == scene and one.ends_the_connection]
    assert mine
    for stream in mine:
        came, answer = provoke(talk, stream, scene == "idle")
        # A CR that something follows too early may have been answered already.
        if came != answer and not stream.outcome.startswith("call"):
            wrong.append(f"{stream.name}: {came.hex()}, not {answer.hex()}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("is_opening", [True, False])
def test_every_octets_of_the_list_at_any_time(talk: Talk, is_opening: bool) -> None:
    before = talk.resident_bytes()
    for stream in streams():
        provoke(talk, stream, is_opening)
    assert talk.resident_bytes() - before < GROWTH_MAX


def flood(talk: Talk, tpdus: bytes) -> tuple[int, int]:
    """Sends them in an open connection for a while, the provider's reference in place
    of 2002; how many octets went, and by how much the process grew at most."""
    sent = growth = 0
    before = talk.resident_bytes()
    with connection(talk) as peer:
        peer_reference = open_circuit(peer)
        octets = tpdus.replace(b"\x20\x02", peer_reference)
        deadline = time.monotonic() + FLOOD_S
        rest = memoryview(octets)
        while time.monotonic() < deadline:
            with suppress(TimeoutError):
                size = peer.send(rest)
                rest = rest[size:] or memoryview(octets)
                sent += size
            growth = max(growth, talk.resident_bytes() - before)
        assert_served(talk)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return sent, growth


def test_a_message_without_end_needs_no_more_memory(talk: Talk) -> None:
    sent, growth = flood(talk, packet(b"\x04\xf0\x20\x02\0" + b"z" * 2000) * 50)
    assert sent > 8 * MiB and growth < GROWTH_MAX, (sent, growth)
    # It comes in parts; a reader that takes them is told of the end that never came.
    assert talk.line("part", "65536")
    assert talk.line("lost", "10054")


def test_empty_parts_without_end_need_no_memory(talk: Talk) -> None:
    sent, growth = flood(talk, packet(b"\x04\xf0\x20\x02\0") * 5000)
    assert sent > MiB and growth < GROWTH_MAX, (sent, growth)


def test_a_slow_call_runs_out_of_time(talk: Talk) -> None:
    begun = time.monotonic()
    with connection(talk) as peer:
        peer.settimeout(1)
        came = None
        for octet in connect_request(b""):
            with suppress(TimeoutError):
                peer.send(bytes([octet]))
                came = read_to_the_end(peer)
                break
    took = time.monotonic() - begun
    assert came == b"" and CALL_TIMER_S - 1 < took < CALL_TIMER_S + 3, took


def test_half_open_connections_do_not_keep_callers_out(talk: Talk) -> None:
    before = talk.resident_bytes()
    with ExitStack() as half_open:
        for number in range(HALF_OPEN):
            peer = half_open.enter_context(connection(talk))
            if number % 2:
                peer.send(connect_request(b"")[: number % 20])
            if number % 500 == 499:
                assert_served(talk)
        assert talk.resident_bytes() - before < HALF_OPEN_KEPT * HALF_OPEN_BYTES_MAX
        assert_served(talk)
