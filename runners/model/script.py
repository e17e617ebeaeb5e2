"""A sequence of calls while it is made: each is compared with what is expected, and
the first that differs is told as a conformance case."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Sequence

from .driver import Answer, Died, Driver
from .expected import OK, Expected

MSG_PARTIAL = 0x8000


@dataclass(frozen=True)
class Step:
    """One line of the case, or some that belong together."""

    lines: tuple[str, ...]
    """C, as it is written in a case."""
    call: str = ""
    """The call that is compared; "": a deed of a peer."""
    expected: Optional[Expected] = None
    buffer: str = ""
    """The WSABUF that a success fills, with the data expected there."""


class Difference(AssertionError):
    """The provider has done something else."""

    def __init__(
        self, entry: str, steps: Sequence[Step], source: str, want: str, got: str
    ) -> None:
        super().__init__(
            f"{entry}: {steps[-1].call}: want {want} [{source}], got {got}"
        )
        self.entry = entry
        self.steps = tuple(steps)
        self.source = source
        self.want = want
        self.got = got


@dataclass
class Script:
    """What has been done on an entry so far."""

    driver: Driver
    entry: str
    steps: list[Step] = field(default_factory=list)
    differs: bool = False
    found: list[Difference] = field(default_factory=list)
    """Differences so far, of this sequence and of those before."""

    def deed(self, lines: Sequence[str], *words: object) -> Answer:
        """Something that a peer does, or that is waited for; it must work."""
        step = Step(tuple(lines), call=str(words[0]).replace("_", " "))
        answer = self._command(step, words)
        if "blocked" in answer:
            self._differs(step, "the peer", "it works", str(answer["blocked"]))
        self.steps.append(Step(tuple(lines)))
        return answer

    def call(self, step: Step, *words: object) -> Answer:
        """A call of the provider, compared with what is expected."""
        answer = self._command(step, words)
        expected = step.expected
        assert expected
        want = " or ".join(sorted(expected.outcomes))
        if "blocked" in answer:
            self._differs(step, expected.source, want, str(answer["blocked"]))
        got = str(answer["error"]) if answer["failed"] else OK
        if got not in expected.outcomes:
            self._differs(step, expected.source, want, got)
        if not answer["failed"] and answer["result"]:
            source = "RD-2" if "recv_disconnect" in step.call else expected.source
            self._differs(step, source, "0", str(answer["result"]))
        if got == OK:
            self._compare_data(step, expected, answer)
        self.steps.append(step)
        return answer

    def call_end(self, step: Step) -> None:
        """Everything is closed; what is left behind is the provider's."""
        self.steps, before = [], self.steps
        try:
            self._command(step, ("begin", self.entry))
        except Difference as difference:
            self.steps = before
            self._differs(step, difference.source, difference.want, difference.got)

    def demand(self, holds: bool, source: str, want: str, got: object) -> None:
        """Something else that the last step has shown."""
        if not holds:
            step = self.steps.pop()
            self._differs(step, source, want, str(got))

    def _compare_data(self, step: Step, expected: Expected, answer: Answer) -> None:
        if expected.data is not None:
            data = bytes.fromhex(str(answer["data"]))
            if data not in expected.data:
                longest = max(expected.data, key=len)
                self._differs(step, expected.source, f"data {longest!r}", f"{data!r}")
        if expected.partial is not None:
            partial = bool(int(answer["flags"]) & MSG_PARTIAL)
            want = "MSG_PARTIAL set" if expected.partial else "MSG_PARTIAL clear"
            if partial is not expected.partial:
                self._differs(step, expected.source, want, "the opposite")

    def _command(self, step: Step, words: Sequence[object]) -> Answer:
        try:
            answer = self.driver.command(*words)
        except Died as died:
            source = step.expected.source if step.expected else "the call"
            self._differs(step, source, "the call returns", f"the process died: {died}")
        if "finding" in answer:
            self._differs(step, "the host", "no finding", str(answer["finding"]))
        return answer

    def _differs(self, step: Step, source: str, want: str, got: str) -> None:
        self.differs = True
        steps = [*self.steps, step]
        self.found.append(Difference(self.entry, steps, source, want, got))
        raise self.found[-1]
