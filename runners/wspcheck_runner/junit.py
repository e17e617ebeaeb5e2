"""junit.xml. It knows fewer words than we do: `fail`, `crash` and `timeout` are
failures, `blocked` is an error, `not-applicable` skipped, `tolerated` passed; what a
layer has inherited from its base is skipped. The verdict itself, the base and a
baseline's reason stand in the properties."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Optional

from junitparser import (
    Error,
    Failure,
    JUnitXml,
    Properties,
    Property,
    Skipped,
    TestCase,
    TestSuite,
)

from .summary import ProviderSummary, Summary
from .verdict import Result, Verdict

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(summary: Summary, path: Path) -> None:
    """A suite a provider, a test case a verdict."""
    document = JUnitXml("wspcheck")
    for provider in summary.providers:
        document.append(_suite(provider))
    document.update_statistics()
    document.write(str(path))


def _suite(provider: ProviderSummary) -> Any:
    suite = TestSuite(provider.name)
    for result in provider.results:
        suite.append(_case(result))
    return suite


def _case(result: Result) -> Any:
    job = result.job
    case = TestCase(job.case, f"{job.profile}.{job.entry}", result.duration_ms / 1000)
    properties = Properties()
    properties.append(Property("verdict", result.verdict.value))
    properties.append(Property("requirements", " ".join(result.requirements)))
    if result.inherited is not None:
        properties.append(Property("inherited", result.inherited))
    if result.baseline is not None:
        properties.append(Property("baseline", _clean(result.baseline)))
    case.append(properties)
    outcome = _outcome(result)
    if outcome is not None:
        case.result = [outcome]
    if result.trace:
        case.system_out = _clean("\n".join(result.trace))
    return case


def _outcome(result: Result) -> Optional[Any]:
    why = _clean(result.why)
    if result.inherited is not None:
        return Skipped(f"inherited from {result.inherited}: {why}", "inherited")
    if result.verdict.deviates:
        outcome = Failure(why, result.verdict.value)
        outcome.text = _clean(
            f"{result.location}\nexpected: {result.expected}\n"
            f"observed: {result.observed}"
        )
        return outcome
    if result.verdict is Verdict.BLOCKED:
        return Error(why, result.verdict.value)
    if result.verdict is Verdict.NOT_APPLICABLE:
        return Skipped(why, result.verdict.value)
    return None


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
