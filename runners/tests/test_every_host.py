"""The same run on several hosts, in one report."""
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Finished, wspcheck
from test_hosts import needs

from wspcheck_runner import every_host, hosts, kept
from wspcheck_runner.errors import SetupError
from wspcheck_runner.every_host import Part
from wspcheck_runner.record import Record
from wspcheck_runner.verdict import Verdict

ROWS = ("--case", "recv_disconnect.slot.*", "--entry", "tcp4", "--no-wire")


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Part:
    """A run on the machine's own Wine."""
    path = tmp_path_factory.mktemp("part") / "run"
    done = wspcheck("run", "--profile", "reference", *ROWS, "--out", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    return Part(hosts.HOSTS["wine8"], kept.load(path))


def on_wine10(part: Part, verdict: Verdict) -> Part:
    """As if it had run there, with another verdict in one case."""
    job, result = next(iter(part.run.past.results.items()))
    results = {**part.run.past.results, job: replace(result, verdict=verdict)}
    past = replace(part.run.past, results=results)
    return Part(hosts.HOSTS["wine10"], replace(part.run, past=past))


def test_what_differs_between_hosts_is_named(part: Part) -> None:
    same = on_wine10(part, Verdict.PASS)
    assert every_host.differences([part, same]) == [
        "No verdict differs between Wine 8.0, Wine 10.0."
    ]
    (line,) = every_host.differences([part, on_wine10(part, Verdict.FAIL)])
    assert line.startswith("reference/tcp4/recv_disconnect.slot.is_code: ")
    assert line.endswith(": pass on Wine 8.0, fail on Wine 10.0")


def test_each_host_has_its_own_columns(part: Part) -> None:
    whole = every_host.whole([part, on_wine10(part, Verdict.FAIL)])
    names = [plan.profile.name for plan in whole.selection.plans]
    assert names == ["reference@wine8", "reference@wine10"]
    outcome = whole.summary()
    assert [one.conforms for one in outcome.providers] == [True, False]
    assert outcome.exit_code == 1
    assert [host["platform"] for host in whole.environment["hosts"]]


def test_suites_with_other_cases_are_not_joined(part: Part) -> None:
    other = on_wine10(part, Verdict.PASS)
    record = Record({**other.run.record.data, "cases": []})
    stale = Part(other.host, replace(other.run, record=record))
    with pytest.raises(SetupError, match="Wine 10.0 has other cases"):
        every_host.whole([part, stale])


def test_all_hosts_make_one_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("wine10", "wine10-32"):
        needs(name)
    monkeypatch.delenv(hosts.VARIABLE, raising=False)
    out = tmp_path / "all"
    rows = ("--case", "recv_disconnect.slot.*", "--case", "recv_disconnect.wire.*")
    done = wspcheck("run", "--host", "all", *rows, "--entry", "tcp4", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    finished = Finished(done, out)
    profiles = {one["profile"] for one in finished.results}
    assert profiles == {
        f"{name}@{host}"
        for name in ("reference", "wine-winsock")
        for host in hosts.HOSTS
    }
    captures = [one["wire"]["capture"] for one in finished.results if one.get("wire")]
    assert captures and all((out / capture).is_file() for capture in captures)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "The reference provider on Wine 10.0, 32 bit" in page
    notes = json.loads((out / "summary.json").read_text(encoding="utf-8"))["notes"]
    assert any("differs between" in note or " on Wine" in note for note in notes)
