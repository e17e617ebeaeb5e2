"""Baselines are strict in both directions."""
from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from wspcheck_runner import baseline
from wspcheck_runner.errors import SetupError
from wspcheck_runner.profile import Entry, Profile
from wspcheck_runner.verdict import Job, Result, Verdict

TODAY = datetime.date(2026, 1, 1)
CASES = ("f.buffer.short", "f.buffer.long", "f.other.claim")
GOOD = """\
[[deviation]]
case = "f.buffer.short"
entry = "tcp4"
verdict = "fail"
reason = "it does so"
link = "https://example.org/1"
expires = 2027-12-31
"""


def provider() -> Profile:
    entries = tuple(
        Entry(ident, ident, 2, 1, 6, 0, 0, 16, 16, None, None)
        for ident in ("tcp4", "udp4")
    )
    return Profile("x", "X", "x.dll", entries, None, Path("x.toml"))


def load(folder: Path, text: str) -> baseline.Baseline:
    path = folder / "b.toml"
    path.write_text(text)
    return baseline.load(path)


def surprises(
    one: baseline.Baseline, verdicts: dict[tuple[str, str], Verdict]
) -> list[str]:
    """With all that is not named passing."""
    results = {}
    for entry in ("tcp4", "udp4"):
        for case in CASES:
            job = Job("x", entry, case)
            verdict = verdicts.get((entry, case), Verdict.PASS)
            reason = one.reason(job, verdict)
            results[job] = Result(job, verdict, ("F-1",), baseline=reason)
    return baseline.surprises(provider(), one, results, CASES, TODAY)


SHORT = ("tcp4", "f.buffer.short")


def test_the_explanation_is_the_reason_with_its_link(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD)
    job = Job("x", *SHORT)
    assert one.reason(job, Verdict.FAIL) == "it does so (https://example.org/1)"
    assert one.reason(job, Verdict.CRASH) is None


def test_a_deviation_that_is_expected_is_no_surprise(tmp_path: Path) -> None:
    assert surprises(load(tmp_path, GOOD), {SHORT: Verdict.FAIL}) == []


def test_a_deviation_that_is_not_listed_is_red(tmp_path: Path) -> None:
    seen = {SHORT: Verdict.FAIL, ("udp4", "f.other.claim"): Verdict.CRASH}
    assert surprises(load(tmp_path, GOOD), seen) == [
        "x/udp4/f.other.claim: crash, which no baseline expects"
    ]


def test_an_unexpected_pass_is_red(tmp_path: Path) -> None:
    (sentence,) = surprises(load(tmp_path, GOOD), {})
    assert "x/tcp4/f.buffer.short: pass, but" in sentence and "b.toml:1" in sentence


def test_another_verdict_than_the_expected_is_red_twice(tmp_path: Path) -> None:
    found = surprises(load(tmp_path, GOOD), {SHORT: Verdict.TIMEOUT})
    assert found[0] == "x/tcp4/f.buffer.short: timeout, which no baseline expects"
    assert "expects fail on x/tcp4, where there was timeout" in found[1]


def test_an_expired_entry_is_red(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD.replace("2027-12-31", "2025-12-31"))
    (sentence,) = surprises(one, {SHORT: Verdict.FAIL})
    assert sentence.endswith("expired on 2025-12-31")


def test_a_case_that_the_suite_has_not_is_red(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD.replace("f.buffer.short", "f.buffer.shrot"))
    assert any("matches no case" in sentence for sentence in surprises(one, {}))


def test_an_entry_that_the_provider_has_not_is_red(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD.replace('"tcp4"', '["tcp4", "tcp9"]'))
    (sentence,) = surprises(one, {SHORT: Verdict.FAIL})
    assert 'names the entry "tcp9", which x has not' in sentence


def test_every_entry_that_is_named_has_to_deviate(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD.replace('"tcp4"', '"*"'))
    (sentence,) = surprises(one, {SHORT: Verdict.FAIL})
    assert sentence.startswith("x/udp4/f.buffer.short: pass, but")


def test_every_case_that_a_glob_matches_has_to_deviate(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD.replace("f.buffer.short", "f.buffer.*"))
    (sentence,) = surprises(one, {SHORT: Verdict.FAIL})
    assert sentence.startswith("x/tcp4/f.buffer.long: pass, but")


def test_every_case_of_a_list_has_to_deviate(tmp_path: Path) -> None:
    both = '["f.buffer.short", "f.other.claim"]'
    one = load(tmp_path, GOOD.replace('"f.buffer.short"', both))
    (sentence,) = surprises(one, {SHORT: Verdict.FAIL})
    assert sentence.startswith("x/tcp4/f.other.claim: pass, but")


def test_a_case_that_does_not_apply_does_not_fulfil_an_expectation(
    tmp_path: Path,
) -> None:
    seen = {SHORT: Verdict.NOT_APPLICABLE}
    (sentence,) = surprises(load(tmp_path, GOOD), seen)
    assert "where there was not-applicable" in sentence


def test_what_was_not_run_is_not_judged(tmp_path: Path) -> None:
    one = load(tmp_path, GOOD)
    job = Job("x", "udp4", "f.other.claim")
    results = {job: Result(job, Verdict.PASS, ("F-1",))}
    assert baseline.surprises(provider(), one, results, CASES, TODAY) == []


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ('verdict = "fail"', 'verdict = "pass"', r"b.toml:4: .*none of fail, "),
        ('reason = "it does so"\n', "", r'b.toml:1: .*"reason" is missing'),
        ('"it does so"', '""', r'b.toml:5: .*"reason" is empty'),
        ("expires = 2027-12-31\n", "", r'b.toml:1: .*"expires" is missing'),
        ("2027-12-31", '"2027-12-31"', r"b.toml:7: .*is not a date"),
        ("link", "url", r'b.toml:6: .*unknown key "url"'),
        ('entry = "tcp4"', "entry = []", r"b.toml:3: .*empty list"),
        ("[[deviation]]", "[[deviations]]", r'unknown key "deviations"'),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in GOOD
    with pytest.raises(SetupError, match=complaint):
        load(tmp_path, GOOD.replace(old, new))


def test_what_the_profile_claims_and_the_provider_lacks_is_said_once() -> None:
    def blocked(case: str, *ids: str, contradicts_profile: bool = True) -> Result:
        return Result(
            Job("x", "tcp4", case),
            Verdict.BLOCKED,
            ids,
            message="the profile claims it",
            contradicts_profile=contradicts_profile,
        )

    found = [
        blocked("f.buffer.short", "F-10"),
        blocked("f.buffer.long", "F-2", "F-10"),
        blocked("f.other.claim", "F-3", contradicts_profile=False),
    ]
    results = {one.job: one for one in found}
    assert baseline.surprises(provider(), None, results, CASES, TODAY) == [
        "x: the profile claims it (needed for 2 verdicts on tcp4, about F-2, F-10)"
    ]
