"""junit.xml says what a CI can understand of the verdicts."""
from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import samples

from wspcheck_runner import junit
from wspcheck_runner.verdict import Verdict

CASE = ("tcp4", "f.slot.is_there")


def written(folder: Path, verdict: Verdict) -> ElementTree.Element:
    path = folder / "junit.xml"
    junit.write(samples.summary(samples.selection(), {CASE: verdict}), path)
    return ElementTree.parse(path).getroot()


@pytest.mark.parametrize(
    "verdict, element",
    [
        (Verdict.FAIL, "failure"),
        (Verdict.CRASH, "failure"),
        (Verdict.TIMEOUT, "failure"),
        (Verdict.BLOCKED, "error"),
        (Verdict.NOT_APPLICABLE, "skipped"),
    ],
)
def test_verdicts_map_to_elements(
    tmp_path: Path, verdict: Verdict, element: str
) -> None:
    root = written(tmp_path, verdict)
    (found,) = root.iter(element)
    assert found.get("type") == verdict.value
    assert found.get("message") == f"A {verdict.value}."
    names = {"failure": "failures", "error": "errors"}
    assert root.get(names.get(element, element)) == "1" or element == "skipped"


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.TOLERATED])
def test_what_is_not_held_against_a_provider_passes(
    tmp_path: Path, verdict: Verdict
) -> None:
    root = written(tmp_path, verdict)
    assert not [one for kind in ("failure", "error") for one in root.iter(kind)]


def test_each_case_names_itself_its_requirements_and_its_verdict(
    tmp_path: Path,
) -> None:
    root = written(tmp_path, Verdict.TOLERATED)
    cases = list(root.iter("testcase"))
    assert len(cases) == 10 and root.get("tests") == "10"
    assert cases[0].get("name") == "f.slot.is_there"
    assert cases[0].get("classname") == "mine.tcp4"
    properties = {p.get("name"): p.get("value") for p in cases[0].iter("property")}
    assert properties == {"verdict": "tolerated", "requirements": "RD-1"}
