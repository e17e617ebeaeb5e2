"""What was counted on the network, in words."""
from __future__ import annotations

from typing import Iterable, Mapping

from ..verdict import Result, Verdict

Figures = Mapping[str, float]


def course_in_words(told: Figures) -> str:
    """What a TCP connection went through after the call, in one sentence."""
    sent, acknowledged, before, at_end = _course(told, "")
    text = (
        f"of {sent} bytes that the peer sent after the call {acknowledged} were "
        f"acknowledged, the window went from {before} to {at_end} bytes"
    )
    if "control_bytes_sent" not in told:
        return text
    sent, acknowledged, before, at_end = _course(told, "control_")
    return (
        f"{text} (control connection: {acknowledged} of {sent} bytes, window from "
        f"{before} to {at_end})"
    )


def _course(told: Figures, prefix: str) -> tuple[int, int, int, int]:
    names = "bytes_sent", "bytes_acknowledged", "window_before", "window_at_end"
    sent, acknowledged, before, at_end = (int(told[prefix + name]) for name in names)
    return sent, acknowledged, before, at_end


def on_the_network(results: Iterable[Result]) -> dict[str, str]:
    """By entry, what passed after the call: of several cases the one that saw most."""
    by_entry: dict[str, list[Result]] = {}
    for one in results:
        if one.wire:
            by_entry.setdefault(one.job.entry, []).append(one)
    return {entry: _told(some) for entry, some in by_entry.items()}


def _told(results: Iterable[Result]) -> str:
    wires = [one.wire for one in results if one.wire]
    claims = [claim for wire in wires for claim in wire.claims]
    courses = [one.figures for one in claims if one.figures.get("bytes_sent")]
    if courses:
        return course_in_words(max(courses, key=lambda told: told["bytes_sent"]))
    datagrams = [one.figures for one in claims if "datagrams_sent" in one.figures]
    if datagrams:
        told = max(datagrams, key=lambda told: told["datagrams_sent"])
        seen, sent = int(told["datagrams_seen"]), int(told["datagrams_sent"])
        return f"{seen} of {sent} datagrams reached the host after the call"
    counted = {
        verdict: sum(one.verdict is verdict for one in claims) for verdict in Verdict
    }
    told_of = (f"{n} {verdict.value}" for verdict, n in counted.items() if n)
    blocked = (one.observed for one in claims if one.verdict is Verdict.BLOCKED)
    reason = next(blocked, "")
    return f"claims about packets: {', '.join(told_of)}{f' ({reason})' * bool(reason)}"
