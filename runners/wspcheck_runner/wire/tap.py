"""What a process of the suite sends and gets, and the verdicts that wait for it."""
from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Collection, Iterator, Optional, Sequence

from .. import names
from ..catalogue import Catalogue
from ..network import Network
from ..profile import Profile
from ..requirements import Requirements
from ..verdict import Claim, Job, Result, Verdict, Wire
from . import evidence, judgement, pcapng
from .capture import Capture, NoCapture, obstacle
from .dissection import Unreadable
from .episode import Episode
from .pcapng import Damaged
from .reading import Reading, read

_ISO_FAMILIES = (names.FAMILIES["AF_ISO"],)
_UNFINISHED = (Verdict.CRASH, Verdict.TIMEOUT)
"""A case that ended so may not have sent its last mark."""


class Tap:
    """One process's capture. `open` before the process starts, `hold` with each verdict
    of a case that claims something about packets, `results` behind the last of them.
    """

    def __init__(
        self,
        folder: Path,
        network: Network,
        worker: int,
        profile: Profile,
        jobs: Collection[Job],
        unwanted: str = "",
        mixed: str = "",
    ) -> None:
        self.is_closed = False
        """Whether what was captured is being judged, or has been."""
        self.obstacle = unwanted or obstacle(network) or mixed
        """Why there are no packets, or none that are told apart from others; empty or
        None if there are."""
        self._folder = folder
        self._network = network
        self._hosts = network.hosts(worker, profile)
        self._iso = {one.id for one in profile.entries if one.family in _ISO_FAMILIES}
        tcp = names.PROTOCOLS["IPPROTO_TCP"]
        self._tcp = {one.id for one in profile.entries if one.protocol == tcp}
        self._left = set(jobs)
        self._nonce = ""
        self._capture: Optional[Capture] = None
        self._held: list[Result] = []

    def open(self, nonce: str) -> bool:
        """Whether all is captured that the process will send, whose marks carry this
        nonce."""
        if self.obstacle:
            return False
        self._nonce = nonce
        file = self._folder / f"{nonce}.pcapng"
        self._capture = Capture(file, self._network.prefix, self._hosts)
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

    def is_last(self, job: Job) -> bool:
        """Whether this was the last job that the capture is for; it has been run."""
        self._left.discard(job)
        return not self._left

    def without(self, result: Result, claims: Sequence[str]) -> Result:
        """A verdict to which there will be no packets."""
        reason = f"nothing was captured: {self.obstacle}"
        wire = Wire(tuple(judgement.unjudged(claims, reason)))
        joined = judgement.joined(result, wire)
        if joined.verdict is not Verdict.BLOCKED:
            return joined
        message = f"Could not be tested: its claims are about packets, and {reason}."
        return replace(joined, message=message)

    def results(
        self, cases: Catalogue, requirements: Requirements, kept: Optional[Path]
    ) -> Iterator[Result]:
        """The verdicts of both halves; packets and pictures go to the folder `kept`."""
        reading = self._reading()
        for result in self._held:
            case = cases[result.job.case]
            episode = reading.episodes.get((result.job.entry, result.job.case))
            if episode is None:
                wire = Wire(tuple(judgement.unjudged(case.wire, reading.missing)))
            else:
                is_tcp = result.job.entry in self._tcp
                on = judgement.scene(episode, case, requirements, is_tcp)
                claims = judgement.judge(on)
                wire = _kept(kept, result.job, reading.octets, episode, claims)
            yield judgement.joined(result, wire)

    def _reading(self) -> Reading:
        """All that was captured; a reading without episodes says why there are none."""
        try:
            file = self._finished()
            return read(file, self._nonce, self._iso) if self._held else Reading()
        except (NoCapture, Unreadable, Damaged) as error:
            return Reading(missing=str(error))
        except Exception as error:
            return Reading(missing=f"the packets could not be read: {error!r}")
        finally:
            if self._capture:
                self._capture.abandon()
                self._capture.remove()

    def _finished(self) -> Path:
        """The capture's file, when all is in it."""
        if self._capture is None:
            raise NoCapture("no capture was begun")
        whole = [one for one in self._held if one.verdict not in _UNFINISHED]
        if whole:
            last = whole[-1].job
            # If it does not come, what is there says more than that it did not.
            with contextlib.suppress(NoCapture):
                self._capture.await_packet(lambda octets: self._has_end(octets, last))
        self._capture.stop()
        return self._capture.file

    def _has_end(self, octets: bytes, job: Job) -> bool:
        wanted = self._nonce, job.entry, job.case, "end"
        return any(
            (mark.nonce, mark.entry, mark.case, mark.name) == wanted
            for mark in pcapng.marks(octets)
        )


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
        return evidence.keep(folder, job, octets, episode, claims)
    except OSError as error:
        reason = f"its packets could not be kept: {error}"
        return Wire(tuple(judgement.unjudged([one.name for one in claims], reason)))
