"""From a case's packets to a verdict, and from there to the verdict of both halves."""
from __future__ import annotations

from dataclasses import replace
from typing import Callable, Iterator, Mapping, Sequence

from ..protocol import Case
from ..requirements import Requirements
from ..verdict import Claim, Observation, Result, Verdict, Wire, worst
from . import datagram, quiet, tpdu_sequence, window
from .episode import Episode, Unjudgeable
from .figures import course_in_words
from .scene import NONE, Scene

CLAIMS: Mapping[str, Callable[[Scene], Claim]] = {
    quiet.NO_RESET: quiet.no_reset,
    quiet.NO_ICMP: quiet.no_icmp,
    quiet.NO_WINDOW_UPDATE: quiet.no_window_update,
    quiet.NO_PACKET: quiet.no_packet,
    window.WINDOW_CLOSES: window.window_closes,
    window.WINDOW_AS_CONTROL: window.window_as_control,
    datagram.DATAGRAMS: datagram.datagrams,
    tpdu_sequence.TPDUS: tpdu_sequence.tpdus,
}
"""Every claim that a case may declare."""


def scene(
    episode: Episode, case: Case, requirements: Requirements, is_tcp: bool = True
) -> Scene:
    """What the case's claims are judged on. The page that tolerates a reset speaks of
    TCP, not of what is on top of it."""
    pages = (
        tolerated.page
        for one in case.requirements
        if one in requirements
        for tolerated in requirements[one].tolerated
        if "reset" in tolerated.outcome
    )
    return Scene(episode, case.wire, case.tpdus, next(pages, "") if is_tcp else "")


def judge(on: Scene) -> list[Claim]:
    """Each of the case's claims. One that cannot be judged, for whatever reason, never
    holds."""
    return [_judged(name, on) for name in on.claims]


def _judged(name: str, on: Scene) -> Claim:
    check = CLAIMS.get(name)
    if check is None:
        return _blocked(name, f'the runner knows no claim "{name}"')
    try:
        if len([one for one in on.episode.packets if not one.mark]) == 0:
            raise Unjudgeable("the capture holds no packet of this case but marks")
        return check(on)
    except Unjudgeable as reason:
        return _blocked(name, str(reason))
    except Exception as error:
        return _blocked(name, f"the check itself broke: {error!r}")


def unjudged(claims: Sequence[str], reason: str) -> list[Claim]:
    """Claims of a case of which there are no packets."""
    return [_blocked(name, reason) for name in claims]


def _blocked(name: str, reason: str) -> Claim:
    return Claim(name, Verdict.BLOCKED, "", reason, NONE)


def joined(result: Result, wire: Wire) -> Result:
    """The verdict of both halves: the worse one, and where they are alike, the words of
    the first. What was seen is reported either way."""
    seen = (*result.observations, *_observations(result, wire))
    both = replace(result, wire=wire, observations=seen)
    found = worst(claim.verdict for claim in wire.claims)
    if found is None or worst((found, result.verdict)) is result.verdict:
        return both
    first = next(claim for claim in wire.claims if claim.verdict is found)
    return replace(
        both,
        verdict=found,
        expected=first.expected,
        observed=first.observed,
        message=_message(first),
    )


def _message(claim: Claim) -> str:
    if claim.verdict is Verdict.BLOCKED:
        return (
            f"What passed over the network could not be judged ({claim.name}): "
            f"{claim.observed}."
        )
    words = f"On the network ({claim.name}): expected {claim.expected}"
    return f"{words}; observed {claim.observed}."


def _observations(result: Result, wire: Wire) -> Iterator[Observation]:
    """The course of the window, where it was followed."""
    requirement = next(iter(result.requirements), "")
    told = next((c.figures for c in wire.claims if "bytes_sent" in c.figures), None)
    if told is not None:
        yield Observation(requirement, course_in_words(told))
