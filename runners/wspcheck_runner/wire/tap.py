"""What a process of the suite sends and gets, and the verdicts that wait for it."""
from __future__ import annotations

from pathlib import Path
from typing import Iterator, Optional, Sequence

from .. import names
from ..catalogue import Catalogue
from ..network import Network
from ..profile import Profile
from ..requirements import Requirements
from ..verdict import Claim, Job, Result, Verdict, Wire
from . import dissection, evidence, judgement, pcapng
from .capture import Capture, NoCapture, obstacle
from .episode import Episode, episodes
from .packet import Packet

_ISO_FAMILIES = (names.FAMILIES["AF_ISO"],)
_UNFINISHED = (Verdict.CRASH, Verdict.TIMEOUT)
"""A case that ended so may not have sent its last mark."""


class Tap:
    """One process's capture. `open` before the process starts, `hold` with each verdict
    of a case that claims something about packets, `results` when the process is gone.
    """

    def __init__(
        self,
        folder: Path,
        network: Network,
        worker: int,
        profile: Profile,
        unwanted: str = "",
    ) -> None:
        self.obstacle = unwanted or obstacle(network)
        """Why there are no packets; None if there are."""
        self._folder = folder
        self._network = network
        self._worker = worker
        self._iso = {one.id for one in profile.entries if one.family in _ISO_FAMILIES}
        self._nonce = ""
        self._capture: Optional[Capture] = None
        self._held: list[Result] = []

    def open(self, nonce: str) -> bool:
        """Whether all is captured that the process will send, whose marks carry this
        nonce."""
        if self.obstacle:
            return False
        self._nonce = nonce
        network, worker = self._network, self._worker
        hosts = network.address4(worker), network.address6(worker)
        file = self._folder / f"{nonce}.pcapng"
        self._capture = Capture(file, network.prefix, hosts)
        try:
            self._capture.start()
            self._capture.await_ready()
        except NoCapture as reason:
            self.obstacle = str(reason)
            self._capture.abandon()
            return False
        return True

    def hold(self, result: Result) -> None:
        """Keeps a verdict until the packets are there."""
        self._held.append(result)

    @property
    def jobs(self) -> list[Job]:
        """What is held."""
        return [result.job for result in self._held]

    def without(self, result: Result, claims: Sequence[str]) -> Result:
        """A verdict to which there will be no packets."""
        reason = f"nothing was captured: {self.obstacle}"
        wire = Wire(tuple(judgement.unjudged(claims, reason)))
        return judgement.joined(result, wire)

    def results(
        self, cases: Catalogue, requirements: Requirements, kept: Optional[Path]
    ) -> Iterator[Result]:
        """The verdicts of both halves; packets and pictures go to the folder `kept`."""
        found: dict[tuple[str, str], Episode] = {}
        reason, octets = "", b""
        try:
            octets = self._finished()
            if self._held:
                packets = self._dissected(octets)
                found = episodes(packets, self._nonce)
                reason = _why_missing(packets)
        except (NoCapture, dissection.Unreadable, pcapng.Damaged) as error:
            reason = str(error)
        except Exception as error:
            reason = f"the packets could not be read: {error!r}"
        finally:
            if self._capture:
                self._capture.abandon()
                self._capture.remove()
        for result in self._held:
            case = cases[result.job.case]
            episode = found.get((result.job.entry, result.job.case))
            if episode is None:
                wire = Wire(tuple(judgement.unjudged(case.wire, reason)))
            else:
                on = judgement.scene(episode, case, requirements)
                claims = judgement.judge(on)
                wire = _kept(kept, result.job, octets, episode, claims)
            yield judgement.joined(result, wire)

    def _finished(self) -> bytes:
        """The capture's octets, when all is in it."""
        if self._capture is None:
            raise NoCapture("no capture was begun")
        whole = [one for one in self._held if one.verdict not in _UNFINISHED]
        if whole:
            last = whole[-1].job
            self._capture.await_packet(lambda octets: self._has_end(octets, last))
        self._capture.stop()
        return pcapng.read(self._capture.file)

    def _has_end(self, octets: bytes, job: Job) -> bool:
        wanted = self._nonce, job.entry, job.case, "end"
        return any(
            (mark.nonce, mark.entry, mark.case, mark.name) == wanted
            for mark in pcapng.marks(octets)
        )

    def _dissected(self, octets: bytes) -> list[Packet]:
        assert self._capture
        ports = set()
        for mark in pcapng.marks(octets):
            if mark.name == "pair" and mark.entry in self._iso:
                ends = mark.more.get("local"), mark.more.get("remote")
                ports |= {int(end[1]) for end in ends if end}
        return dissection.packets(self._capture.file, ports)


def _why_missing(packets: Sequence[Packet]) -> str:
    """Why a case is not in a capture that was made."""
    if not packets:
        return (
            "the capture is empty: what the suite sent did not pass the network of the "
            "run"
        )
    return "the marks of this case are not in the capture"


def _kept(
    folder: Optional[Path],
    job: Job,
    octets: bytes,
    episode: Episode,
    claims: Sequence[Claim],
) -> Wire:
    if folder is None:
        return Wire(tuple(claims))
    try:
        capture, picture = evidence.keep(folder, job, octets, episode)
    except OSError as error:
        reason = f"its packets could not be kept: {error}"
        names_of = [claim.name for claim in claims]
        return Wire(tuple(judgement.unjudged(names_of, reason)))
    return Wire(tuple(claims), capture, picture)
