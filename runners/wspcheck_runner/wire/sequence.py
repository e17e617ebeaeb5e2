"""The packets and marks of a case as lines of a sequence diagram."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional, Sequence, Union

from .episode import CONTROL, SUBJECT, Episode, Pair
from .packet import FIN, RST, SYN, Mark, Packet

FOLD_FROM = 7
"""So many packets alike in a row are folded, but for the first and last ones."""
SHOWN_AT_ENDS = 2
MOST_LINES = 60
"""A diagram that is longer is cut."""


@dataclass(frozen=True)
class Arrow:
    """A packet."""

    time: str
    text: str
    to_right: bool
    """The provider is on the left."""
    is_loud: bool
    """Whether it is of a kind that a claim is against: a reset, an ICMP error."""
    is_strange: bool
    """Whether it is of none of the connections that marks name."""


@dataclass(frozen=True)
class Note:
    """What a mark says."""

    time: str
    text: str
    is_call: bool
    """Whether it is one of those around the call."""


@dataclass(frozen=True)
class Fold:
    """Packets that are not shown."""

    text: str


Line = Union[Arrow, Note, Fold]

_SAID = {
    "begin": "the case begins",
    "settled": "quiet until here",
    "closing": "the case is over; sockets are closed",
    "end": "all is closed",
}


def lines(episode: Episode) -> list[Line]:
    """The diagram: all but the control connection."""
    shown: list[Line] = []
    run: list[Packet] = []
    for packet in _without_control(episode):
        if packet.mark:
            shown += _folded(episode, run)
            run = []
            shown += _note(episode, packet, packet.mark)
        else:
            run.append(packet)
    shown += _folded(episode, run)
    if len(shown) > MOST_LINES:
        rest = len(shown) - MOST_LINES
        shown = [*shown[:MOST_LINES], Fold(f"{rest} more lines: see the capture")]
    return shown


def _without_control(episode: Episode) -> Iterator[Packet]:
    control = episode.pairs.get(CONTROL)
    for packet in episode.packets:
        if not (control and not packet.mark and control.has(packet)):
            yield packet


def _note(episode: Episode, packet: Packet, mark: Mark) -> Iterator[Note]:
    if mark.name == "pair":
        return
    call = mark.more.get("call", "the call")
    text = _SAID.get(mark.name, mark.text)
    if mark.name == "before":
        text = f"{call} is called"
        queued = mark.more.get("queued")
        text += f", {queued} bytes wait to be received" if queued else ""
    elif mark.name == "after":
        text = f"{call} has returned {mark.more.get('result', '')}".rstrip()
    is_call = mark.name in ("before", "after", "settled")
    yield Note(_time(episode, packet), text, is_call)


def _folded(episode: Episode, run: Sequence[Packet]) -> Iterator[Line]:
    """A run of packets between two marks; what stands out is always shown."""
    quiet: list[Packet] = []
    for packet in run:
        says_more = any(one.type != "DT" for one in packet.tpdus)
        if _is_loud(episode, packet) or says_more:
            yield from _some(episode, quiet)
            quiet = []
            yield _arrow(episode, packet)
        else:
            quiet.append(packet)
    yield from _some(episode, quiet)


def _some(episode: Episode, run: Sequence[Packet]) -> Iterator[Line]:
    if len(run) < FOLD_FROM:
        yield from (_arrow(episode, packet) for packet in run)
        return
    first, last = run[:SHOWN_AT_ENDS], run[-SHOWN_AT_ENDS:]
    yield from (_arrow(episode, packet) for packet in first)
    yield Fold(_told(run[SHOWN_AT_ENDS:-SHOWN_AT_ENDS]))
    yield from (_arrow(episode, packet) for packet in last)


def _told(hidden: Sequence[Packet]) -> str:
    sizes = [one.segment.length if one.segment else one.length for one in hidden]
    data = sum(1 for size in sizes if size)
    return (
        f"{len(hidden)} more packets: {data} with data ({sum(sizes)} bytes), "
        f"{len(hidden) - data} without"
    )


def _arrow(episode: Episode, packet: Packet) -> Arrow:
    pair = episode.pairs.get(SUBJECT)
    about = packet.icmp.about if packet.icmp else None
    is_named = pair is not None and (pair.has(packet) or pair.local == about)
    text = _label(packet)
    if not is_named:
        who = f"{episode.who(packet.source)} to {episode.who(packet.destination)}"
        text = f"{text} ({who})"
    return Arrow(
        time=_time(episode, packet),
        text=f"#{packet.number} {text}",
        to_right=_is_from_provider(pair, packet),
        is_loud=_is_loud(episode, packet),
        is_strange=not is_named,
    )


def _is_from_provider(pair: Optional[Pair], packet: Packet) -> bool:
    """An ICMP error about the provider's socket comes from its side."""
    if pair is None:
        return False
    if packet.icmp:
        return packet.icmp.about == pair.local
    return packet.source == pair.local


def _label(packet: Packet) -> str:
    segment = packet.segment
    if packet.icmp:
        return f"{packet.protocol} {packet.icmp.words}"
    if packet.tpdus:
        return ", ".join(
            one.type
            + (f" cause {one.cause}" if one.cause is not None else "")
            + (f" with {len(one.data)} bytes" if one.data else "")
            for one in packet.tpdus
        )
    if segment is None:
        return f"{packet.protocol}, {packet.length} bytes"
    if segment.flags & RST:
        return "RST: the connection is reset"
    if segment.flags & SYN:
        return segment.words
    data = f"{segment.length} bytes of data" if segment.length else ""
    if segment.flags & FIN:
        data = f"{data}, FIN" if data else "FIN"
    return data or f"ack {segment.ack - 1}, window {segment.window}"


def _is_loud(episode: Episode, packet: Packet) -> bool:
    """What comes when the case closes its sockets is nobody's fault."""
    closing = episode.find("closing")
    if closing and packet.number > closing.number:
        return False
    is_error = bool(packet.icmp and packet.icmp.is_error)
    return is_error or bool(packet.segment and packet.segment.flags & RST)


def _time(episode: Episode, packet: Packet) -> str:
    """In milliseconds from the call on."""
    start = episode.find("before") or episode.packets[0]
    return f"{(packet.time - start.time) * 1000:.1f}"
