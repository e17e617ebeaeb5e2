"""Claims about the window of TCP: how it moves while the peer goes on sending."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..verdict import Claim
from .episode import CONTROL, SUBJECT, Episode, Pair, Unjudgeable, segments
from .packet import RST, Packet, Segment
from .scene import Scene, broken, holds, last_of_provider, not_judged, sent_by_peer

WINDOW_AS_CONTROL, WINDOW_CLOSES = "window_as_control", "window_closes"


@dataclass(frozen=True)
class Point:
    """What a segment of the provider's side told, counted from the call on."""

    packet: Packet
    acknowledged: int
    edge: int
    """How far the right edge of the window has moved."""
    window: int


@dataclass(frozen=True)
class Course:
    """What a connection went through from the call to the case's last step."""

    points: tuple[Point, ...]
    """The first one is how things stood at the call."""
    segment: int
    """The largest data segment of the peer, in bytes."""
    sent: int
    """Bytes that the peer sent, each counted once."""

    @property
    def last(self) -> Point:
        """How things stood at the end."""
        return self.points[-1]

    @property
    def is_closed(self) -> bool:
        """Whether the sender is stalled: nothing may be sent, or so little that its
        system waits for more before it sends."""
        return self.last.window == 0 or self.last.window < self.segment

    def edges_at(self, acknowledged: int) -> tuple[int, int]:
        """Between which two values the right edge lay when so much was acknowledged:
        those of the segments just before and just after."""
        below = [one for one in self.points if one.acknowledged <= acknowledged]
        above = [one for one in self.points if one.acknowledged >= acknowledged]
        same = [p.edge for p in self.points if p.acknowledged == acknowledged]
        values = same or [one.edge for one in (*below[-1:], *above[:1])]
        return min(values), max(values)


def course(episode: Episode, role: str) -> Course:
    """The course of a connection."""
    pair = episode.pair(role)
    start = last_of_provider(pair, episode.until("before"))
    if start is None or start.segment is None or start.segment.window is None:
        raise Unjudgeable(f"the beginning of the {role} connection was not captured")
    span = episode.between("before", "closing")
    points = [Point(start, 0, 0, start.segment.window)]
    for packet, segment in segments(span):
        if pair.is_providers(packet) and not segment.flags & RST:
            points.append(_point(packet, segment, start.segment))
    sizes = [size for _, size in sent_by_peer(pair, episode.until("closing"))]
    return Course(
        points=tuple(points),
        segment=max(sizes, default=0),
        sent=max(0, _reach(pair, span) - start.segment.ack),
    )


def _point(packet: Packet, segment: Segment, start: Segment) -> Point:
    window = segment.window
    assert window is not None
    moved = segment.edge - start.edge
    return Point(packet, segment.ack - start.ack, moved, window)


def _reach(pair: Pair, span: list[Packet]) -> int:
    """Up to which byte the peer has sent."""
    peers = ((p, s) for p, s in segments(span) if pair.is_peers(p))
    return max((s.seq + s.length for _, s in peers if s.length), default=0)


def figures(subject: Course, control: Optional[Course]) -> dict[str, int]:
    """What is reported of the course, whether judged or not."""
    found = _figures(subject, "")
    if control:
        found.update(_figures(control, "control_"))
    return found


def _figures(one: Course, prefix: str) -> dict[str, int]:
    return {
        f"{prefix}window_before": one.points[0].window,
        f"{prefix}window_at_end": one.last.window,
        f"{prefix}bytes_sent": one.sent,
        f"{prefix}bytes_acknowledged": one.last.acknowledged,
    }


def window_closes(scene: Scene) -> Claim:
    """The window reaches zero, and the sender is stalled, not reset."""
    subject, control = _both(scene)
    told = figures(subject, control)
    if scene.resets():
        return _after_reset(scene, WINDOW_CLOSES, told)
    if subject.is_closed:
        what = (
            f"the window closed after {subject.last.acknowledged} bytes; "
            f"{subject.last.window} are left of it, less than a segment"
        )
        return holds(WINDOW_CLOSES, what, told)
    if control and not control.is_closed:
        raise Unjudgeable(
            f"the window of the control connection stays open as well: {control.sent} "
            f"bytes were sent, {control.last.window} more might be"
        )
    expected = "the window to close, since nobody reads, and the sender to stall"
    if control:
        expected += f", as on the control connection after {control.sent} bytes"
    observed = (
        f"that it stays open: {subject.last.acknowledged} bytes were acknowledged "
        f"after the call, and still {subject.last.window} bytes may be sent "
        f"({scene.episode.tell(subject.last.packet)})"
    )
    return broken(WINDOW_CLOSES, expected, observed, told)


def window_as_control(scene: Scene) -> Claim:
    """The window moves as on a connection on which nobody reads."""
    subject = course(scene.episode, SUBJECT)
    control = course(scene.episode, CONTROL)
    told = figures(subject, control)
    if scene.resets():
        return _after_reset(scene, WINDOW_AS_CONTROL, told)
    if scene.resets(CONTROL):
        raise Unjudgeable("the control connection was reset")
    if not control.segment:
        raise Unjudgeable("nothing was sent on the control connection")
    if WINDOW_CLOSES in scene.claims and control.is_closed and not subject.is_closed:
        return not_judged(WINDOW_AS_CONTROL, f"see {WINDOW_CLOSES}", told)
    observed = _difference(scene.episode, subject, control)
    if not observed:
        what = (
            f"{subject.last.acknowledged} bytes acknowledged after the call, "
            f"{control.last.acknowledged} on the control connection; the window never "
            f"differs by more than {control.segment} bytes"
        )
        return holds(WINDOW_AS_CONTROL, what, told)
    expected = (
        "the window to move and bytes to be acknowledged as on the control connection, "
        f"on which nobody reads either (within one segment, {control.segment} bytes)"
    )
    return broken(WINDOW_AS_CONTROL, expected, observed, told)


def _difference(episode: Episode, subject: Course, control: Course) -> str:
    """How the subject's course leaves the control's; empty if it does not."""
    for one in subject.points:
        least, most = control.edges_at(min(one.acknowledged, control.last.acknowledged))
        if not least - control.segment <= one.edge <= most + control.segment:
            there = str(least) if least == most else f"{least} to {most}"
            return (
                f"that with {one.acknowledged} bytes acknowledged since the call the "
                f"right edge of the window had moved by {one.edge} bytes, on the "
                f"control connection by {there}; {episode.tell(one.packet)}, "
                f"window {one.window}"
            )
    if abs(subject.last.acknowledged - control.last.acknowledged) > control.segment:
        return (
            f"that {subject.last.acknowledged} bytes were acknowledged since the call, "
            f"on the control connection {control.last.acknowledged}"
        )
    return ""


def _after_reset(scene: Scene, claim: str, told: dict[str, int]) -> Claim:
    """A reset is held against the claim that is meant for it, if the case has it."""
    resets = scene.resets()
    if "no_reset" in scene.claims:
        return not_judged(claim, "the connection was reset, see no_reset", told)
    expected = "a connection that goes on"
    return broken(claim, expected, scene.episode.tell_all(resets), told)


def _both(scene: Scene) -> tuple[Course, Optional[Course]]:
    subject = course(scene.episode, SUBJECT)
    has_control = CONTROL in scene.episode.pairs
    return subject, course(scene.episode, CONTROL) if has_control else None
