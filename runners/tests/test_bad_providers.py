"""A provider that faults or hangs costs the case in which it does, and no other."""
from __future__ import annotations

import pytest
from conftest import Run

# Both make their mistake with this descriptor only; all else is the bridge's.
FATAL = "invalid_socket"


@pytest.mark.parametrize(
    "profile, verdict, evidence",
    [
        ("crashing", "crash", "crashing.dll+0x"),
        ("hanging", "timeout", "WSPRecvDisconnect(s=0xffffffffffffffff"),
    ],
)
def test_only_the_fatal_cases_have_no_other_verdict(
    run: Run, profile: str, verdict: str, evidence: str
) -> None:
    finished = run(
        *("--profile", profile, "--limit", "2"),
        *("--case", "recv_disconnect.descriptor.*"),
        *("--case", "recv_disconnect.connection.*"),
    )
    assert finished.process.returncode == 1, finished.process.stderr
    by_case = {one["case"]: one for one in finished.results}
    fatal = {case for case in by_case if FATAL in case}
    assert len(fatal) == 2
    assert {case for case, one in by_case.items() if one["verdict"] == verdict} == fatal
    for case in fatal:
        assert evidence in by_case[case]["message"]
    # The others are judged as the bridge's: a good part of them is right.
    others = [one["verdict"] for case, one in by_case.items() if case not in fatal]
    assert others.count("pass") > 10
    assert not {"crash", "timeout"} & set(others)
