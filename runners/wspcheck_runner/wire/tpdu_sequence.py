"""The claim about which TPDUs of the ISO transport pass."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Optional, Sequence

from ..verdict import Claim
from .episode import Episode, Pair, Unjudgeable, segments
from .packet import Endpoint, Packet, Tpdu
from .scene import Scene, broken, holds

TPDUS = "tpdus"
CALL = "CALL"

_ITEM = re.compile(
    r"(?P<who>provider|peer):(?P<type>[A-Z]{2})(=(?P<cause>\d+))?"
    r"([:=](?P<data>words\([0-9A-Fa-f]+,\d+\)|'[^']*'))?"
)
_TOKEN = re.compile(r"(?:[^\s']|'[^']*')+")


@dataclass(frozen=True)
class Item:
    """A TPDU as a case expects it, or as it was seen."""

    who: str
    type: str
    cause: Optional[int]
    data: bytes
    is_after_call: Optional[bool]
    """None: wherever it stands."""

    def __str__(self) -> str:
        cause = "" if self.cause is None else f" (cause {self.cause})"
        data = f" with {_shown(self.data)}" if self.data else ""
        return f"{self.who} {self.type}{cause}{data}"


def expected_items(text: str) -> list[Item]:
    """What a case's declaration says. ValueError if it makes no sense."""
    tokens = _TOKEN.findall(text)
    calls = [index for index, token in enumerate(tokens) if token == CALL]
    items = []
    for index, token in enumerate(tokens):
        if token != CALL:
            items.append(_item(token, index > calls[0] if calls else None))
    return items


def _item(token: str, is_after_call: Optional[bool]) -> Item:
    found = _ITEM.fullmatch(token)
    if found is None:
        raise ValueError(f'"{token}" is no TPDU')
    return Item(
        who=found["who"],
        type=found["type"],
        cause=int(found["cause"]) if found["cause"] else None,
        data=_data(found["data"] or ""),
        is_after_call=is_after_call,
    )


def _data(written: str) -> bytes:
    if written.startswith("'"):
        return written[1:-1].replace("\\0", "\0").encode()
    if not written:
        return b""
    first, size = written[len("words(") : -1].split(",")
    return bytes((int(first, 16) + n) % 256 for n in range(int(size)))


def tpdus(scene: Scene) -> Claim:
    """The TPDUs of the subject's connection are those expected, in this order."""
    expected = expected_items(scene.tpdus)
    episode = scene.episode
    pair = episode.pair()
    span = list(_fresh([p for p in episode.until("closing") if pair.has(p)]))
    for packet in span:
        if packet.unclear and not packet.is_malformed:
            raise Unjudgeable(f"{packet.unclear} in {episode.tell(packet)}")
    seen = list(_seen(episode, pair, span))
    figures = {"tpdus": len(seen)}
    wrong = _damage(span) or _first_difference(expected, seen)
    wrong = wrong or _wrong_reference(seen)
    if not wrong:
        return holds(TPDUS, _list([item for item, _, _ in seen]), figures)
    return broken(TPDUS, f"the TPDUs {_list(expected)}", f"that {wrong}", figures)


Seen = tuple[Item, Tpdu, str]


def _seen(episode: Episode, pair: Pair, span: Sequence[Packet]) -> Iterator[Seen]:
    """Each TPDU as an item, as it is, and where."""
    call = episode.find("before")
    for packet in span:
        for one in packet.tpdus:
            who = "provider" if pair.is_providers(packet) else "peer"
            after = call is not None and packet.number > call.number
            item = Item(who, one.type, one.cause, one.data, after)
            yield item, one, f"#{packet.number} ({episode.when(packet)})"


def _fresh(packets: Sequence[Packet]) -> Iterator[Packet]:
    """Without what is sent once more."""
    reached: dict[Endpoint, int] = {}
    for packet, segment in segments(packets):
        end = segment.seq + segment.length
        if segment.length and end > reached.get(packet.source, 0):
            reached[packet.source] = end
            yield packet


def _damage(span: Sequence[Packet]) -> str:
    malformed = [str(one.number) for one in span if one.is_malformed]
    if malformed:
        return f"tshark finds #{', #'.join(malformed)} malformed"
    sent = sum(segment.length for _, segment in segments(span))
    understood = sum(one.understood for one in span)
    if understood != sent:
        return f"{understood} of {sent} bytes are TPDUs"
    return ""


def _first_difference(expected: Sequence[Item], seen: Sequence[Seen]) -> str:
    for wanted, (item, _, where) in zip(expected, seen):
        place = item.is_after_call
        same = (item.who, item.type, item.data) == (
            wanted.who,
            wanted.type,
            wanted.data,
        )
        if not same or (wanted.type == "DR" and wanted.cause not in (None, item.cause)):
            return f"in place of {wanted} there is {item}, {where}"
        if wanted.is_after_call not in (None, place):
            side = "after" if place else "before"
            return f"{item} comes {side} the call, {where}"
    if len(seen) > len(expected):
        item, _, where = seen[len(expected)]
        return f"there is one more: {item}, {where}"
    if len(seen) < len(expected):
        return f"{expected[len(seen)]} does not come"
    return ""


def _wrong_reference(seen: Sequence[Seen]) -> str:
    """Each end is addressed by the reference that it chose in CR or CC."""
    chosen = {item.who: tpdu.by for item, tpdu, _ in seen if tpdu.type in ("CR", "CC")}
    for item, tpdu, where in seen:
        other = "peer" if item.who == "provider" else "provider"
        to = 0 if tpdu.type == "CR" else chosen.get(other)
        by = None if tpdu.type == "DT" else chosen.get(item.who)
        if (tpdu.to, tpdu.by) != (to, by):
            return (
                f"the references of {item}, {where}, are {tpdu.to} and {tpdu.by}, "
                f"not {to} and {by}"
            )
    return ""


def _list(items: Sequence[Item]) -> str:
    return ", ".join(map(str, items)) or "(none)"


def _shown(data: bytes) -> str:
    if len(data) <= 24 and all(32 <= octet < 127 for octet in data):
        return repr(data.decode())
    return f"{len(data)} bytes {data[:8].hex(' ')}{' ...' if len(data) > 8 else ''}"
