"""Verdicts: the words, their order, and what a case ended with."""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Iterable, Mapping, NamedTuple, Optional


class Verdict(Enum):
    """How a case ended, from the most harmless to the worst."""

    NOT_APPLICABLE = "not-applicable"
    PASS = "pass"
    TOLERATED = "tolerated"
    BLOCKED = "blocked"
    FAIL = "fail"
    TIMEOUT = "timeout"
    CRASH = "crash"

    @property
    def deviates(self) -> bool:
        """Whether the provider did what the documentation does not allow."""
        return self in DEVIATIONS

    @property
    def meaning(self) -> str:
        """The word explained to somebody who has not read our documentation."""
        return _MEANINGS[self]


DEVIATIONS = (Verdict.FAIL, Verdict.TIMEOUT, Verdict.CRASH)
_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}
_MEANINGS = {
    Verdict.PASS: "The provider did what the documentation says.",
    Verdict.TOLERATED: "Another page of the documentation allows what it did, "
    "though the function's own page does not: reported, not held against it.",
    Verdict.FAIL: "The provider did something that no page allows.",
    Verdict.CRASH: "The provider faulted, or ended the process, during the case.",
    Verdict.TIMEOUT: "The case did not end within its time limit.",
    Verdict.BLOCKED: "Could not be tested: our set-up failed, or the provider offers "
    "no way to bring the situation about. The reason is given.",
    Verdict.NOT_APPLICABLE: "The protocol lacks what the case is about; "
    "the missing capability is named.",
}


def worst(verdicts: Iterable[Verdict]) -> Optional[Verdict]:
    """What several verdicts amount to; None if there are none."""
    ranked = sorted(verdicts, key=_ORDER.__getitem__)
    return ranked[-1] if ranked else None


class Job(NamedTuple):
    """One case to run on one entry of one provider."""

    profile: str
    entry: str
    case: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True)
class Observation:
    """What was seen where the pages are silent."""

    requirement: str
    text: str


@dataclass(frozen=True)
class Claim:
    """What one claim about packets came to."""

    name: str
    verdict: Verdict
    """`not-applicable`: another claim says what there is to say."""
    expected: str
    observed: str
    figures: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Its part of a line of results.jsonl."""
        return {
            "claim": self.name,
            "verdict": self.verdict.value,
            "expected": self.expected,
            "observed": self.observed,
            "figures": dict(self.figures),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Claim:
        """The claim of such a part."""
        rest = {key: data[key] for key in ("expected", "observed", "figures")}
        return cls(name=data["claim"], verdict=Verdict(data["verdict"]), **rest)


@dataclass(frozen=True)
class Wire:
    """What passed over the network in a case, held against what the case claims."""

    claims: tuple[Claim, ...]
    capture: str = ""
    """The packets, a file in the run's folder; empty: there are none."""
    picture: str = ""
    """The same as a drawing (SVG)."""

    def as_json(self) -> dict[str, Any]:
        """Its part of a line of results.jsonl."""
        claims = [claim.as_json() for claim in self.claims]
        return {"claims": claims, "capture": self.capture, "picture": self.picture}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Wire:
        """What such a part says."""
        claims = tuple(Claim.from_json(one) for one in data["claims"])
        return cls(claims, data["capture"], data["picture"])


@dataclass(frozen=True)
class Result:
    """A job's verdict with its evidence."""

    job: Job
    verdict: Verdict
    requirements: tuple[str, ...]
    expected: str = ""
    observed: str = ""
    message: str = ""
    duration_ms: float = 0.0
    waits_ms: float = 0.0
    observations: tuple[Observation, ...] = ()
    location: str = ""
    trace: tuple[str, ...] = ()
    level: Optional[str] = None
    baseline: Optional[str] = None
    """The reason for which the baseline expects this deviation."""
    wire: Optional[Wire] = None
    """None for a case that claims nothing about packets."""
    inherited: Optional[str] = None
    """The profile of the base that shows the same deviation when it is run alone."""
    contradicts_profile: bool = False
    """Whether the provider lacks what its profile claims, by which it is blocked."""

    @property
    def is_own(self) -> bool:
        """Whether the provider deviates, and not by what is below it."""
        return self.verdict.deviates and self.inherited is None

    @property
    def counted(self) -> Verdict:
        """The verdict as it counts for the provider: of what its base does wrong
        nothing can be said about the layer."""
        return self.verdict if self.inherited is None else Verdict.BLOCKED

    @property
    def harness_ms(self) -> float:
        """What the case cost without the waits that it declares."""
        return max(0.0, self.duration_ms - self.waits_ms)

    @property
    def why(self) -> str:
        """One sentence that explains the verdict."""
        if self.message:
            return self.message
        if self.expected or self.observed:
            return f"expected {self.expected}; observed {self.observed}"
        return self.verdict.meaning

    def as_json(self) -> dict[str, Any]:
        """The line of results.jsonl (reports/schema/result.schema.json)."""
        return {
            "profile": self.job.profile,
            "entry": self.job.entry,
            "case": self.job.case,
            "requirements": list(self.requirements),
            "verdict": self.verdict.value,
            "level": self.level,
            "expected": self.expected,
            "observed": self.observed,
            "message": self.message,
            "duration_ms": self.duration_ms,
            "waits_ms": self.waits_ms,
            "observations": [
                {"requirement": one.requirement, "text": one.text}
                for one in self.observations
            ],
            "location": self.location,
            "trace": list(self.trace),
            "baseline": self.baseline,
            "wire": self.wire.as_json() if self.wire else None,
            "inherited": self.inherited,
            "contradicts_profile": self.contradicts_profile,
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Result:
        """The verdict of such a line."""
        return cls(
            job=Job(line["profile"], line["entry"], line["case"]),
            verdict=Verdict(line["verdict"]),
            requirements=tuple(line["requirements"]),
            expected=line["expected"],
            observed=line["observed"],
            message=line["message"],
            duration_ms=line["duration_ms"],
            waits_ms=line["waits_ms"],
            observations=tuple(Observation(**one) for one in line["observations"]),
            location=line["location"],
            trace=tuple(line["trace"]),
            level=line["level"],
            baseline=line["baseline"],
            wire=Wire.from_json(line["wire"]) if line["wire"] else None,
            inherited=line["inherited"],
            contradicts_profile=line["contradicts_profile"],
        )
