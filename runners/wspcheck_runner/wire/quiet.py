"""Claims that something is not sent: each packet is held against one of them."""
from __future__ import annotations

from typing import Iterator, Mapping, Optional

from ..verdict import Claim, Verdict
from .episode import SUBJECT, Episode, Pair, Unjudgeable
from .packet import RST, Endpoint, Packet, Segment
from .scene import Scene, broken, holds, sent_by_peer

NO_RESET, NO_ICMP = "no_reset", "no_icmp"
NO_WINDOW_UPDATE, NO_PACKET, TPDUS = "no_window_update", "no_packet", "tpdus"

_UNTIL: Mapping[str, str] = {NO_RESET: "closing", NO_ICMP: "closing"}
"""The mark up to which a claim is about; for others it is "settled"."""


def no_reset(scene: Scene) -> Claim:
    """The connection is not reset before the case closes it."""
    episode = scene.episode
    resets = scene.resets()
    if not resets:
        return holds(NO_RESET, "no reset from the call to the case's end")
    expected = "no reset (RST) of the connection before the case closes it"
    observed = episode.tell_all(resets)
    reason = _reason_for_reset(scene, resets[0])
    page = scene.reset_tolerated_by
    if reason and page and episode.pair().is_providers(resets[0]):
        observed += f"; {reason}, where {page} allows a reset"
        return Claim(NO_RESET, Verdict.TOLERATED, expected, observed, {})
    return broken(NO_RESET, expected, observed)


def _reason_for_reset(scene: Scene, reset: Packet) -> str:
    """Why a reset may be allowed: data were queued, or arrived."""
    episode = scene.episode
    before = episode.mark("before")
    queued = before.mark.more.get("queued", 0) if before.mark else 0
    if queued:
        return f"{queued} bytes were queued when the call was made"
    since = [
        one for one in episode.between("before", "closing") if one.number < reset.number
    ]
    arrived = sum(size for _, size in sent_by_peer(episode.pair(), since))
    return f"{arrived} bytes had arrived since the call" if arrived else ""


def no_icmp(scene: Scene) -> Claim:
    """Nobody answers with an ICMP error."""
    return _none(
        scene,
        NO_ICMP,
        "no ICMP or ICMPv6 error from the call until the case closes the socket",
        "no ICMP error from the call to the case's end",
    )


def no_window_update(scene: Scene) -> Claim:
    """The call does not open the window."""
    episode = scene.episode
    pair = episode.pair()
    for one in episode.until("settled"):
        if one.segment and one.segment.window is None and pair.is_providers(one):
            raise Unjudgeable("the beginning of the connection was not captured")
    return _none(
        scene,
        NO_WINDOW_UPDATE,
        "no window update by the call: no segment of the provider's side that only "
        "moves the right edge of the window",
        "no window update by the call",
    )


def no_packet(scene: Scene) -> Claim:
    """The call causes no packet of any other kind."""
    return _none(
        scene,
        NO_PACKET,
        f"no packet from the call until {_quiet_ms(scene.episode):.0f} ms later",
        f"no packet in {_quiet_ms(scene.episode):.0f} ms from the call",
    )


def _quiet_ms(episode: Episode) -> float:
    return (episode.mark("settled").time - episode.mark("before").time) * 1000


def _none(scene: Scene, claim: str, expected: str, otherwise: str) -> Claim:
    episode = scene.episode
    span = episode.between("before", _UNTIL.get(claim, "settled"))
    found = [one for one, meant in _meant(scene, span) if meant == claim]
    if not found:
        return holds(claim, otherwise)
    return broken(claim, expected, episode.tell_all(found), {"packets": len(found)})


def _meant(scene: Scene, span: list[Packet]) -> Iterator[tuple[Packet, Optional[str]]]:
    """Each packet with the claim that it is held against: what the case claims nothing
    particular about is a packet like any other. None: of no consequence."""
    meant: dict[int, Optional[str]] = {}
    subject = scene.episode.pairs.get(SUBJECT)
    is_raised = False
    for one in span:
        claim = _kind(scene, one)
        is_raised = is_raised or claim == NO_WINDOW_UPDATE
        if claim == NO_PACKET:
            cause = _acknowledged(scene.episode, span, one)
            claim = meant[cause.number] if cause else claim
            if is_raised and subject and subject.is_peers(one):
                # Its system sends by itself what it has held back.
                claim = None
        if claim is not None and claim not in scene.claims:
            claim = NO_PACKET
        meant[one.number] = claim
        yield one, claim


def _kind(scene: Scene, packet: Packet) -> Optional[str]:
    segment = packet.segment
    if packet.icmp and packet.icmp.is_error:
        return NO_ICMP
    if segment is None:
        return NO_PACKET
    subject = scene.episode.pairs.get(SUBJECT)
    if segment.flags & RST and subject and subject.has(packet):
        return NO_RESET
    pair = next((p for p in scene.episode.pairs.values() if p.has(packet)), None)
    if pair is None:
        return NO_PACKET
    if pair.role == SUBJECT and segment.length and TPDUS in scene.claims:
        return TPDUS
    if segment.is_plain:
        return _kind_of_plain(scene.episode, pair, packet, segment)
    return NO_PACKET


def _kind_of_plain(
    episode: Episode, pair: Pair, packet: Packet, segment: Segment
) -> Optional[str]:
    """A segment without data raises the window, is a system's probe of a window that is
    closed (or the answer to one), or acknowledges."""
    last = _last(episode, packet, packet.source, packet.destination)
    if last is None or last.segment is None:
        return NO_PACKET
    if pair.is_peers(packet):
        is_probe = segment.seq == last.segment.seq + last.segment.length - 1
        return None if is_probe or _is_probe(last.segment, segment) else NO_PACKET
    if last.segment.ack != segment.ack or None in (segment.window, last.segment.window):
        return NO_PACKET
    if segment.edge > last.segment.edge and pair.role == SUBJECT:
        return NO_WINDOW_UPDATE
    asked = _last(episode, packet, packet.destination, packet.source)
    if asked is None or asked.segment is None or segment.edge != last.segment.edge:
        return NO_PACKET
    answers = asked.segment.is_plain and asked.number > last.number
    return None if answers else NO_PACKET


def _is_probe(last: Segment, segment: Segment) -> bool:
    """A probe after a probe has the same number."""
    return last.is_plain and segment.seq == last.seq and segment.ack == last.ack


def _last(
    episode: Episode, packet: Packet, source: Endpoint, destination: Endpoint
) -> Optional[Packet]:
    """What one end of a connection sent to the other before this packet."""
    for one in reversed(episode.packets[: packet.number - 1]):
        if (one.source, one.destination) == (source, destination) and one.segment:
            return one
    return None


def _acknowledged(
    episode: Episode, span: list[Packet], packet: Packet
) -> Optional[Packet]:
    """The packet with data that a segment without data acknowledges, if that passed in
    this span too: then both are held against the same claim."""
    segment = packet.segment
    if segment is None or not segment.is_plain:
        return None
    for one in span:
        if one.number >= packet.number:
            return None
        is_answered = (one.source, one.destination) == (
            packet.destination,
            packet.source,
        )
        if is_answered and one.segment and one.segment.length:
            if one.segment.seq + one.segment.length == segment.ack:
                return one
    return None
