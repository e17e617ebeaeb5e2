"""The main job, from the command line to the last file."""
from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import schemas
from conftest import Finished

from wspcheck_runner import environment, places, profile, requirements
from wspcheck_runner.verdict import Verdict

PROFILES = {
    name: profile.load(profile.find(name)) for name in ("reference", "wine-winsock")
}


def test_it_is_as_expected(default_run: Finished) -> None:
    process = default_run.process
    assert process.returncode == 0, process.stdout + process.stderr
    assert default_run.read("summary.json")["surprises"] == []


def test_its_last_lines_name_counts_and_what_does_not_conform(
    default_run: Finished,
) -> None:
    text = default_run.process.stdout
    for provider in default_run.read("summary.json")["profiles"]:
        counts = ", ".join(
            f"{count} {verdict}"
            for verdict, count in provider["counts"].items()
            if count
        )
        broken = ", ".join(provider["not_conforming"]) or "none"
        expected = f"{provider['name']}: {counts}\n  does not conform: {broken}\n"
        assert expected in text
        assert provider["sentence"] in text
    assert re.search(
        r"wall time \d+\.\d s, median harness cost of a case \d+\.\d ms .*\n"
        r"report \S*index\.html\n$",
        text,
    )


def test_every_case_has_a_verdict_on_every_entry(default_run: Finished) -> None:
    found = Counter((one["profile"], one["entry"]) for one in default_run.results)
    assert list(found) == [(p, e) for p in PROFILES for e in PROFILES[p].entry_ids()]
    assert len(set(found.values())) == 1
    assert len(default_run.verdicts) == len(default_run.results)


def test_the_reference_has_no_deviation(default_run: Finished) -> None:
    (reference, _) = default_run.read("summary.json")["profiles"]
    assert reference["conforms"] is True
    for verdict in ("fail", "crash", "timeout"):
        assert reference["counts"][verdict] == 0


def test_what_is_not_a_pass_says_why(default_run: Finished) -> None:
    for one in default_run.results:
        if one["verdict"] != "pass":
            assert one["message"], one
        if one["verdict"] in ("fail", "crash", "timeout"):
            assert one["baseline"], one
            assert one["trace"] and one["location"], one


def test_the_folder_is_complete(default_run: Finished) -> None:
    assert sorted(path.name for path in default_run.folder.iterdir()) == [
        "environment.json",
        "index.html",
        "junit.xml",
        "results.jsonl",
        "run.jsonl",
        "summary.json",
        "summary.md",
        "wire",
    ]


def test_the_files_are_as_their_schemas_say(default_run: Finished) -> None:
    for one in default_run.results:
        schemas.validate("result", one)
    schemas.validate("summary", default_run.read("summary.json"))
    schemas.validate("environment", default_run.read("environment.json"))


def test_summary_and_results_agree(default_run: Finished) -> None:
    for provider in default_run.read("summary.json")["profiles"]:
        own = [r for r in default_run.results if r["profile"] == provider["name"]]
        counted = Counter(one["verdict"] for one in own)
        assert provider["counts"] == {v.value: counted[v.value] for v in Verdict}
        for ident, standing in provider["requirements"].items():
            entries = {r["entry"] for r in own if ident in r["requirements"]}
            assert set(standing["entries"]) == entries
        assert list(provider["requirements"]) == requirements.by_number(
            requirements.load()
        )


def test_the_environment_says_what_was_tested_with_what(default_run: Finished) -> None:
    whole = default_run.read("environment.json")
    (found,) = whole["hosts"]
    assert found["suite"]["sha256"] == environment.sha256(places.suite())
    assert found["platform"].startswith("wine-")
    assert "gcc" in found["compiler"].lower() or "GCC" in found["compiler"]
    assert found["kernel"].startswith("Linux ")
    assert whole["command"].startswith("wspcheck run --out ")
    for provider in found["providers"]:
        tested = PROFILES[provider["profile"]]
        assert provider["sha256"] == environment.sha256(Path(tested.dll))
        assert [entry["id"] for entry in provider["entries"]] == tested.entry_ids()
