"""What verdicts amount to."""
from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import samples
from schemas import validate

from wspcheck_runner import markdown
from wspcheck_runner.baseline import Baseline, Expectation
from wspcheck_runner.selection import Wanted
from wspcheck_runner.summary import summarize
from wspcheck_runner.verdict import Verdict, worst

SLOT = ("tcp4", "f.slot.is_there")


def test_the_worst_verdict_of_all_cases_counts_for_a_requirement() -> None:
    chosen = samples.selection()
    seen = {SLOT: Verdict.TOLERATED, ("tcp4", "f.slot.is_callable"): Verdict.CRASH}
    (provider,) = samples.summary(chosen, seen).providers
    standing = provider.standings["RD-1"]
    assert standing.entries == {"tcp4": Verdict.CRASH, "udp4": Verdict.PASS}
    assert standing.verdict is Verdict.CRASH and standing.where == ["tcp4"]


def test_nothing_is_worse_than_a_crash_and_nothing_milder_than_not_applicable() -> None:
    assert worst(Verdict) is Verdict.CRASH
    assert worst([Verdict.NOT_APPLICABLE, Verdict.PASS]) is Verdict.PASS
    assert worst([Verdict.BLOCKED, Verdict.TOLERATED]) is Verdict.BLOCKED
    assert worst([]) is None


def test_a_provider_that_passes_conforms() -> None:
    summary = samples.summary(samples.selection(), {})
    (provider,) = summary.providers
    assert provider.conforms is True and summary.exit_code == 0
    assert provider.sentence == (
        "Provider <mine> conforms: all 4 requirements tested hold on tcp4 and udp4; "
        "without a case: RD-10."
    )
    assert summary.median_harness_ms == 3.0


@pytest.mark.parametrize(
    "case, verdict, conforms",
    [
        ("f.slot.is_there", Verdict.FAIL, False),
        ("f.slot.is_there", Verdict.TOLERATED, True),
        ("f.slot.is_there", Verdict.BLOCKED, True),
        ("f.outcome.either", Verdict.FAIL, False),
        ("f.speed.is_quick", Verdict.FAIL, True),
        ("f.speed.is_quick", Verdict.CRASH, False),
        ("f.age.is_old", Verdict.FAIL, True),
        ("f.age.is_old", Verdict.TIMEOUT, False),
    ],
)
def test_the_level_decides_whether_a_verdict_breaks_conformance(
    case: str, verdict: Verdict, conforms: bool
) -> None:
    summary = samples.summary(samples.selection(), {("udp4", case): verdict})
    (provider,) = summary.providers
    assert provider.conforms is conforms
    assert summary.exit_code == (1 if verdict.deviates else 0)


def test_the_sentence_names_where_a_provider_does_not_conform() -> None:
    seen = {SLOT: Verdict.FAIL, ("udp4", "f.outcome.either"): Verdict.BLOCKED}
    (provider,) = samples.summary(samples.selection(), seen).providers
    assert provider.sentence == (
        "Provider <mine> does not conform: it breaks 1 of the 3 requirements tested, "
        "RD-1 (tcp4); not, or not completely, testable here: RD-2; "
        "without a case: RD-10."
    )


def test_a_known_deviation_is_as_expected_but_does_not_conform() -> None:
    known = Expectation(
        "f.slot.is_there",
        ("tcp4",),
        Verdict.FAIL,
        "so it is",
        "",
        datetime.date(2100, 1, 1),
        "b.toml:1",
    )
    chosen = samples.selection(baseline=Baseline(Path("b.toml"), [known]))
    summary = samples.summary(chosen, {SLOT: Verdict.FAIL})
    (provider,) = summary.providers
    assert summary.exit_code == 0 and summary.surprises == []
    assert provider.conforms is False
    assert "all in its baseline" in provider.sentence


def test_an_incomplete_run_says_so_and_claims_nothing() -> None:
    chosen = samples.selection()
    some = dict(list(samples.results(chosen, {}).items())[:3])
    started = datetime.datetime.now()
    summary = summarize(chosen, some, started=started, wall_s=1, complete=False)
    (provider,) = summary.providers
    assert summary.exit_code == 3 and provider.conforms is None
    assert "is undecided: " in provider.sentence
    assert "incomplete, 7 of 10 not run" in provider.sentence


def test_an_incident_is_red() -> None:
    chosen = samples.selection()
    summary = summarize(
        chosen,
        samples.results(chosen, {}),
        started=datetime.datetime.now(),
        wall_s=1,
        incidents=["mine: the process ended"],
    )
    assert summary.exit_code == 1
    assert summary.surprises == ["mine: the process ended"]


def test_a_narrowed_selection_speaks_of_its_own_requirements_only() -> None:
    chosen = samples.selection(wanted=Wanted(cases=("f.*",)))
    (provider,) = samples.summary(chosen, {}).providers
    assert list(provider.standings) == ["RD-1", "RD-2", "RD-3", "RD-4"]


def test_requirements_stand_in_the_order_of_their_numbers() -> None:
    (provider,) = samples.summary(samples.selection(), {}).providers
    assert list(provider.standings)[-1] == "RD-10"


def test_the_json_is_as_the_schema_says() -> None:
    seen = {SLOT: Verdict.FAIL, ("udp4", "f.age.is_old"): Verdict.NOT_APPLICABLE}
    summary = samples.summary(samples.selection(("mine", "other")), seen)
    validate("summary", summary.as_json())
    for result in summary.results:
        validate("result", result.as_json())


def test_the_markdown_names_counts_requirements_and_deviations() -> None:
    text = markdown.render(samples.summary(samples.selection(), {SLOT: Verdict.FAIL}))
    assert "| provider | pass | fail |" in text and "| mine | 9 | 1 |" in text
    assert "| RD-1 | must | fail | pass |" in text
    assert "* **fail** `tcp4/f.slot.is_there` (RD-1): A fail." in text
    assert "## Not as expected" in text
