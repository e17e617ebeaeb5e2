"""What a claim is judged on, and how its finding is put together."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Mapping, Optional

from ..verdict import Claim, Verdict
from .episode import SUBJECT, Episode, Pair
from .packet import RST, Packet

Figures = Mapping[str, int]
NONE: Figures = {}


@dataclass(frozen=True)
class Scene:
    """A case's packets with what the case claims of them."""

    episode: Episode
    claims: tuple[str, ...]
    """All that the case declares: a packet is held against the claim that is meant for
    it."""
    tpdus: str = ""
    """What the claim "tpdus" expects."""
    reset_tolerated_by: str = ""
    """The page that allows a reset where data are queued or arrive; empty: none."""

    def resets(self, role: str = SUBJECT) -> list[Packet]:
        """The resets of a connection from the call to the case's last step."""
        pair = self.episode.pair(role)
        return [
            one
            for one in self.episode.between("before", "closing")
            if one.segment and one.segment.flags & RST and pair.has(one)
        ]


def holds(claim: str, observed: str, figures: Figures = NONE) -> Claim:
    """The claim holds."""
    return Claim(claim, Verdict.PASS, "", observed, figures)


def broken(claim: str, expected: str, observed: str, figures: Figures = NONE) -> Claim:
    """The claim does not hold."""
    return Claim(claim, Verdict.FAIL, expected, observed, figures)


def not_judged(claim: str, why: str, figures: Figures = NONE) -> Claim:
    """Another claim says what there is to say."""
    return Claim(claim, Verdict.NOT_APPLICABLE, "", f"not judged: {why}", figures)


def sent_by_peer(pair: Pair, packets: list[Packet]) -> Iterator[tuple[Packet, int]]:
    """The peer's segments with data, and how much each brought."""
    for one in packets:
        if one.segment and one.segment.length and pair.is_peers(one):
            yield one, one.segment.length


def last_of_provider(pair: Pair, packets: list[Packet]) -> Optional[Packet]:
    """The provider's last segment that tells of its window."""
    told = [
        one
        for one in packets
        if one.segment and not one.segment.flags & RST and pair.is_providers(one)
    ]
    return told[-1] if told else None
