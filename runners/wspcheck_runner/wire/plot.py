"""Acknowledged bytes and window over time, of a connection and its control."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator, Optional, Sequence

from .episode import CONTROL, SUBJECT, Episode, Unjudgeable
from .window import Course, Point, course

LEFT, RIGHT, TOP, BOTTOM = 90, 560, 54, 244
"""The plot's frame in the picture."""
LABELS_X = RIGHT + 10
LABEL_PX = 15
"""The least distance of two labels."""
MOST_POINTS = 120
"""Of a curve: more cannot be told apart."""


@dataclass(frozen=True)
class Curve:
    """A curve."""

    kind: str
    """acknowledged or window."""
    role: str
    path: str
    """In SVG's language."""


@dataclass(frozen=True)
class Label:
    """What stands beside the end of curves."""

    y: int
    kind: str
    text: str


@dataclass(frozen=True)
class Tick:
    """A value at an axis."""

    at: int
    text: str


@dataclass(frozen=True)
class Plot:
    """The plot."""

    curves: Sequence[Curve]
    labels: Sequence[Label]
    times: Sequence[Tick]
    amounts: Sequence[Tick]
    settled: Optional[int]
    """Until here nothing was sent on purpose."""


_KINDS: dict[str, Callable[[Point], int]] = {
    "acknowledged": lambda point: point.acknowledged,
    "window": lambda point: point.window,
}


def plot(episode: Episode) -> Optional[Plot]:
    """None where nothing is followed: no TCP, no call, or nothing sent after it."""
    try:
        courses = {SUBJECT: course(episode, SUBJECT)}
        if CONTROL in episode.pairs:
            courses[CONTROL] = course(episode, CONTROL)
        start, end = episode.mark("before").time, episode.mark("closing").time
    except Unjudgeable:
        return None
    if not any(one.sent for one in courses.values()):
        return None
    points = [point for one in courses.values() for point in one.points]
    high = max(_KINDS[kind](p) for kind in _KINDS for p in points) or 1
    scale = _Scale(start, max(end - start, 1e-6), high)
    settled = episode.find("settled")
    return Plot(
        curves=[
            Curve(kind, role, _path(scale, courses[role].points, value))
            for kind, value in _KINDS.items()
            for role in reversed(courses)
        ],
        labels=list(_labels(scale, courses)),
        times=[Tick(scale.x(start + one), _ms(one)) for one in _steps(end - start)],
        amounts=[Tick(scale.y(one), f"{one:,.0f}") for one in _steps(high)],
        settled=scale.x(settled.time) if settled else None,
    )


@dataclass(frozen=True)
class _Scale:
    start: float
    span: float
    high: int

    def x(self, time: float) -> int:
        """Where a moment is; what was before the call is at its moment."""
        part = min(1.0, max(0.0, (time - self.start) / self.span))
        return round(LEFT + part * (RIGHT - LEFT))

    def y(self, amount: float) -> int:
        """Where a number of bytes is."""
        return round(BOTTOM - amount / self.high * (BOTTOM - TOP))


def _path(scale: _Scale, points: Sequence[Point], value: Callable[[Point], int]) -> str:
    """A value holds until the next one is told."""
    step = max(1, len(points) // MOST_POINTS)
    kept = [*points[:-1:step], points[-1]]
    parts = [f"M{scale.x(kept[0].packet.time)} {scale.y(value(kept[0]))}"]
    for one in kept[1:]:
        parts.append(f"H{scale.x(one.packet.time)}V{scale.y(value(one))}")
    return "".join(parts) + f"H{RIGHT}"


def _labels(scale: _Scale, courses: dict[str, Course]) -> Iterator[Label]:
    """A curve is named at its end; those that end together keep their distance."""
    wanted = []
    for kind, value in _KINDS.items():
        for role, one in courses.items():
            amount = value(one.last)
            of = "" if role == SUBJECT else ", control"
            wanted.append((scale.y(amount), kind, f"{kind}{of}: {amount:,}"))
    lowest = TOP - LABEL_PX
    for y, kind, text in sorted(wanted):
        lowest = max(y, lowest + LABEL_PX)
        yield Label(lowest + 4, kind, text)


def _steps(high: float) -> Iterator[float]:
    """Round values from 0 to at most `high`, about four of them."""
    step = 10.0 ** len(str(int(high)))
    while high < 1:
        high, step = high * 1000, 1000.0
        yield from (one / 1000 for one in _steps(high))
        return
    while high / step < 3:
        step /= 2 if str(step).startswith(("1", "2")) and high / step * 2 <= 6 else 2.5
    count = 0
    while count * step <= high:
        yield count * step
        count += 1


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
