"""The claim that datagrams reach the host."""
from __future__ import annotations

from ..verdict import Claim
from .scene import Scene, broken, holds

DATAGRAMS = "datagrams"


def datagrams(scene: Scene) -> Claim:
    """Each datagram that was sent to the socket after the call reached its host, and
    was not answered by an ICMP error."""
    episode = scene.episode
    local = episode.pair().local
    span = episode.between("before", "closing")
    seen = [p for p in span if p.protocol == "UDP" and p.destination == local]
    refused = [p for p in span if p.icmp and p.icmp.is_error and p.icmp.about == local]
    told = [mark.more["sent"] for mark in episode.marks() if "sent" in mark.more]
    sent = max(map(int, told), default=1)
    figures = {"datagrams_sent": sent, "datagrams_seen": len(seen)}
    expected = f"the {sent} datagrams that were sent to {local} after the call"
    if len(seen) < sent:
        observed = f"{len(seen)} of them in the capture"
        return broken(DATAGRAMS, expected, observed, figures)
    if refused and "no_icmp" not in scene.claims:
        observed = f"that they were refused: {episode.tell_all(refused)}"
        return broken(DATAGRAMS, expected, observed, figures)
    what = f"{len(seen)} datagrams reached the host after the call"
    return holds(DATAGRAMS, what, figures)
