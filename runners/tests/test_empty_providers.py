"""A provider that does nothing and one that refuses everything: what they break is
found, and what of them cannot be asked is known, with the reason.

A new case that can judge them changes the counts: the failing test prints those that
were seen. What they give no occasion to judge is blocked."""
from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from conftest import Finished, wspcheck

from wspcheck_runner import places, profile, requirements

NO_CONNECTION = "its WSPConnect connects nothing: there is no far end to"
NO_SOCKET = "it makes no socket"
NO_CLAIM = "its entries claim no handles of the system"
UNREACHED = {
    "null": {
        "PI-1": NO_CLAIM,
        "RD-2": "it conforms: 0 is all that it ever returns",
        "RD-5": "it offers no fault extension",
        "RD-6": f"{NO_CONNECTION} send disconnect data",
        "RD-7": "it is tolerated: 0 is what the API page allows on TCP/IP",
        "RD-8": "it never waits, so it asks for no blocking callback",
        "RD-9": "it never calls a condition function",
        "RD-14": f"{NO_CONNECTION} send disconnect data",
        "RD-15": f"{NO_CONNECTION} send anything",
        "RD-16": "it binds no address to which a datagram could be sent",
        "RD-19": "it conforms: it never blocks",
    },
    "refusing": {
        "PI-1": NO_CLAIM,
        "PI-2": NO_SOCKET,
        "RD-1": "it conforms: the slot is there, and called as it should be",
        "RD-3": "it conforms: it fails with a code, if with the wrong one",
        **{
            ident: NO_SOCKET
            for ident in (
                "RD-2 RD-5 RD-6 RD-7 RD-8 RD-9 RD-10 RD-11 RD-13 RD-14 RD-15 RD-16 "
                "RD-17 RD-18 RD-19 RD-22"
            ).split()
        },
    },
}
"""The requirements of level must that the suite does not find broken, and why."""

COUNTS = {
    "null tcp4": "22 fail 3 pass",
    "null tcp6": "22 fail 3 pass",
    "null udp4": "100 fail 44 pass 15 tolerated",
    "null udp6": "100 fail 44 pass 15 tolerated",
    "null isotp": "22 fail 3 pass",
    "null isotp-stream": "22 fail 4 pass",
    "refusing tcp4": "7 fail 2 pass",
    "refusing tcp6": "7 fail 2 pass",
    "refusing udp4": "7 fail 1 pass",
    "refusing udp6": "7 fail 1 pass",
    "refusing isotp": "7 fail 2 pass",
    "refusing isotp-stream": "7 fail 3 pass",
}
"""By provider and entry, all verdicts but `blocked` and `not-applicable`."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One run of both, most of which is waiting for what never comes."""
    out = tmp_path_factory.mktemp("empty") / "out"
    profiles = [word for name in UNREACHED for word in ("--profile", name)]
    options = ["--jobs", "24", "--no-wire", "--out", str(out)]
    return Finished(wspcheck("run", *profiles, *options), out)


def test_the_verdicts_are_counted_by_entry(both: Finished) -> None:
    counted: dict[str, Counter[str]] = {}
    for one in both.results:
        if one["verdict"] not in ("blocked", "not-applicable"):
            where = f"{one['profile']} {one['entry']}"
            counted.setdefault(where, Counter())[one["verdict"]] += 1
    seen = {
        where: " ".join(f"{count} {verdict}" for verdict, count in sorted(own.items()))
        for where, own in counted.items()
    }
    assert seen == COUNTS, "\n".join(f'    "{k}": "{v}",' for k, v in seen.items())


@pytest.mark.parametrize("name", UNREACHED)
def test_every_must_within_reach_is_broken(both: Finished, name: str) -> None:
    musts = {one.id for one in requirements.load().values() if one.level == "must"}
    (summary,) = (
        one for one in both.read("summary.json")["profiles"] if one["name"] == name
    )
    broken = set(summary["not_conforming"])
    assert requirements.by_number(musts - broken) == requirements.by_number(
        UNREACHED[name]
    )
    assert summary["conforms"] is False and summary["not_run"] == 0


@pytest.mark.parametrize("name", UNREACHED)
def test_no_verdict_is_owed_to_a_crash_or_a_hang(both: Finished, name: str) -> None:
    assert both.process.returncode == 1, both.process.stderr
    own = [one for one in both.results if one["profile"] == name]
    assert not [one for one in own if one["verdict"] in ("crash", "timeout")]
    for one in own:
        assert one["verdict"] != "blocked" or one["message"], one


@pytest.mark.parametrize("name", UNREACHED)
def test_their_entries_are_those_of_the_reference(name: str) -> None:
    reference = profile.load(places.PROFILES / "reference.toml")
    one = profile.load(places.PROFILES / f"{name}.toml")
    assert one.entry_ids() == reference.entry_ids()
    assert [e.flags for e in one.entries] == [e.flags for e in reference.entries]
    assert Path(one.dll).name == f"{name}.dll"
