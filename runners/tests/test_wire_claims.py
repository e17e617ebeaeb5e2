"""The oracle: captures made by hand, in each of which one claim has to be found broken,
or none."""
from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Optional, Sequence

import pytest

from wspcheck_runner import places, requirements
from wspcheck_runner.protocol import Case
from wspcheck_runner.verdict import Claim, Job, Result, Verdict, Wire
from wspcheck_runner.wire import judgement, reading
from wspcheck_runner.wire.episode import Episode
from wspcheck_runner.wire.packet import Endpoint

FIXTURES = places.REPOSITORY / "fixtures" / "wire"
NONCE = "0123456789abcdef"
CASE = "recv_disconnect.wire.made"
TCP = (
    "no_reset no_icmp no_window_update no_packet window_closes window_as_control"
).split()
UDP = "no_icmp no_packet datagrams".split()
ISO = "no_reset no_icmp no_window_update no_packet tpdus".split()
EXCHANGE = "peer:CR provider:CC CALL peer:DR=128:'so long' provider:DC"

CAPTURES: dict[str, tuple[Sequence[str], Optional[str], str]] = {
    "clean_tcp": (TCP, None, ""),
    "clean_udp": (UDP, None, ""),
    "clean_udp6": (UDP, None, ""),
    "clean_isotp": (ISO, None, ""),
    "windows_probed": (TCP, None, ""),
    "icmp_error": (UDP, "no_icmp", "ICMP port unreachable about 127.0.1.1:41000"),
    "icmpv6_error": (
        UDP,
        "no_icmp",
        "ICMPv6 port unreachable about [fd77:7370:6368:6b00::1]:41000",
    ),
    "reset": (TCP, "no_reset", "#11 (0.1 ms after the call began): provider to peer"),
    "window_update": (TCP, "no_window_update", "provider to peer, TCP ACK, no data"),
    "window_update_and_data": (TCP, "no_window_update", "TCP ACK, no data"),
    "window_shrunk": (TCP, "window_as_control", "had moved by -2048 bytes"),
    "window_stays_open": (
        TCP,
        "window_closes",
        "16384 bytes were acknowledged after the call, and still 8192 bytes",
    ),
    "byte_sent": (TCP, "no_packet", "provider to peer, TCP PSH ACK, 1 byte of data"),
    "disconnect_sent": (ISO, "tpdus", "there is provider DR (cause 128)"),
    "datagram_lost": (UDP, "datagrams", "2 of them"),
}
"""By file: what is claimed, which claim is broken, and words that say how."""


@functools.lru_cache(maxsize=None)
def episode(name: str) -> Episode:
    """The made case of a capture."""
    found = reading.read(FIXTURES / f"{name}.pcapng", NONCE, {"isotp"})
    (one,) = found.episodes.values()
    return one


def case(claims: Sequence[str], tpdus: str = EXCHANGE) -> Case:
    """A case that claims this."""
    return Case(CASE, ("RD-15",), "", "x.c", 1, tuple(claims), tpdus)


def judged(one: Episode, claims: Sequence[str], tpdus: str = EXCHANGE) -> list[Claim]:
    """What the claims come to."""
    on = judgement.scene(one, case(claims, tpdus), requirements.load())
    return judgement.judge(on)


def verdicts(claims: Sequence[Claim]) -> dict[str, Verdict]:
    return {claim.name: claim.verdict for claim in claims}


@pytest.mark.parametrize("name", CAPTURES)
def test_exactly_the_claim_that_is_meant_for_it_is_broken(name: str) -> None:
    declared, meant, words = CAPTURES[name]
    claims = judged(episode(name), declared)
    bad = [one.name for one in claims if one.verdict is not Verdict.PASS]
    if meant is None:
        assert bad == [], claims
        return
    broken = [one for one in claims if one.verdict is Verdict.FAIL]
    assert [one.name for one in broken] == [meant], claims
    assert words in broken[0].observed
    unjudged = [v for v in verdicts(claims).values() if v is Verdict.NOT_APPLICABLE]
    assert len(bad) == 1 + len(unjudged)


@pytest.mark.parametrize("name", CAPTURES)
def test_a_claim_of_its_own_is_no_less_strict(name: str) -> None:
    """A packet that no claim of the case is meant for is one too many."""
    declared, meant, _ = CAPTURES[name]
    left = [one for one in declared if one != meant]
    claims = judged(episode(name), left)
    failed = [one.name for one in claims if one.verdict is Verdict.FAIL]
    taken_over = {
        "icmp_error": ["datagrams"],
        "icmpv6_error": ["datagrams"],
        "reset": ["no_packet", "window_closes", "window_as_control"],
        "window_update": ["no_packet"],
        "window_update_and_data": ["no_packet"],
        "window_stays_open": ["window_as_control"],
        "disconnect_sent": ["no_packet"],
    }
    assert failed == taken_over.get(name, [])


def test_a_reset_with_data_in_the_queue_is_tolerated() -> None:
    claims = judged(episode("reset_with_queued_data"), TCP)
    assert verdicts(claims)["no_reset"] is Verdict.TOLERATED
    (reset,) = [one for one in claims if one.name == "no_reset"]
    assert "100 bytes were queued" in reset.observed
    assert "WSARecvDisconnect allows a reset" in reset.observed
    known = requirements.load()
    one = episode("reset_with_queued_data")
    on_top = judgement.scene(one, case(TCP), known, is_tcp=False)
    for untold in (on_top, judgement.scene(one, case(TCP), {})):
        assert verdicts(judgement.judge(untold))["no_reset"] is Verdict.FAIL


def test_a_missing_mark_blocks_whatever_needs_it() -> None:
    found = verdicts(judged(episode("marks_missing"), TCP))
    blocked = {name for name, one in found.items() if one is Verdict.BLOCKED}
    assert blocked == {"no_window_update", "no_packet"}


@pytest.mark.parametrize(
    ("mark", "still_judged"),
    [
        ("before", set()),
        ("closing", {"no_window_update", "no_packet"}),
        ("pair", {"no_icmp", "no_packet"}),
    ],
)
def test_no_claim_holds_without_the_marks_that_it_is_about(
    mark: str, still_judged: set[str]
) -> None:
    whole = episode("clean_tcp")
    kept = [one for one in whole.packets if not one.mark or one.mark.name != mark]
    packets = [replace(one, number=n) for n, one in enumerate(kept, start=1)]
    pairs = {} if mark == "pair" else whole.pairs
    found = verdicts(judged(Episode(packets, (), pairs), TCP))
    passed = {name for name, one in found.items() if one is Verdict.PASS}
    assert passed == still_judged
    assert {found[name] for name in found.keys() - passed} == {Verdict.BLOCKED}


def test_an_empty_capture_has_no_case_and_says_so() -> None:
    found = reading.read(FIXTURES / "empty.pcapng", NONCE, ())
    assert found.episodes == {} and "the capture is empty" in found.missing


def test_marks_of_somebody_else_are_none() -> None:
    found = reading.read(FIXTURES / "clean_tcp.pcapng", "another", ())
    assert found.episodes == {}
    assert found.missing == "the marks of this case are not in the capture"


def test_marks_without_packets_prove_nothing() -> None:
    whole = episode("clean_udp")
    marks = [one for one in whole.packets if one.mark]
    packets = [replace(one, number=n) for n, one in enumerate(marks, start=1)]
    found = verdicts(judged(Episode(packets, (), whole.pairs), UDP))
    assert set(found.values()) == {Verdict.BLOCKED}


def test_a_claim_that_nobody_knows_and_a_check_that_breaks_are_blocked() -> None:
    whole = episode("clean_isotp")
    unknown, broken = judged(whole, ["no_such_claim", "tpdus"], "peer:XY=?")
    assert unknown.verdict is Verdict.BLOCKED and "no_such_claim" in unknown.observed
    assert broken.verdict is Verdict.BLOCKED
    assert 'the check itself broke: ValueError(\'"peer:XY=?" is no' in broken.observed


@pytest.mark.parametrize(
    ("tpdus", "words"),
    [
        ("peer:CR provider:CC CALL peer:DR=129:'so long' provider:DC", "in place of"),
        ("peer:CR provider:CC CALL peer:DR=128 provider:DC", "with 'so long'"),
        ("peer:CR provider:CC peer:DR:'so long' CALL provider:DC", "after the call"),
        (
            "peer:CR provider:CC CALL peer:DR:'so long'",
            "there is one more: provider DC",
        ),
        (f"{EXCHANGE} peer:DT='x'", "peer DT with 'x' does not come"),
        ("peer:CR peer:CC CALL peer:DR:'so long' provider:DC", "provider CC"),
    ],
)
def test_another_sequence_of_tpdus_is_broken(tpdus: str, words: str) -> None:
    (claim,) = judged(episode("clean_isotp"), ["tpdus"], tpdus)
    assert claim.verdict is Verdict.FAIL and words in claim.observed


def test_what_was_not_captured_as_a_whole_is_blocked() -> None:
    whole = episode("clean_isotp")
    cut = "only 7 of 9 bytes of data were captured of a DR"
    packets = [replace(p, unclear=cut) if p.tpdus else p for p in whole.packets]
    (claim,) = judged(replace(whole, packets=packets), ["tpdus"])
    assert claim.verdict is Verdict.BLOCKED and cut in claim.observed


def test_a_wrong_reference_is_broken() -> None:
    whole = episode("clean_isotp")
    packets = [
        replace(one, tpdus=tuple(replace(t, by=9) for t in one.tpdus))
        if any(t.type == "DC" for t in one.tpdus)
        else one
        for one in whole.packets
    ]
    (claim,) = judged(replace(whole, packets=packets), ["tpdus"])
    assert "are 1 and 9, not 1 and 2" in claim.observed


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        (Verdict.PASS, Verdict.PASS, Verdict.PASS),
        (Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.PASS),
        (Verdict.PASS, Verdict.TOLERATED, Verdict.TOLERATED),
        (Verdict.PASS, Verdict.BLOCKED, Verdict.BLOCKED),
        (Verdict.BLOCKED, Verdict.FAIL, Verdict.FAIL),
        (Verdict.FAIL, Verdict.FAIL, Verdict.FAIL),
        (Verdict.FAIL, Verdict.BLOCKED, Verdict.FAIL),
        (Verdict.CRASH, Verdict.FAIL, Verdict.CRASH),
    ],
)
def test_the_worse_half_wins_and_says_why(
    ours: Verdict, theirs: Verdict, both: Verdict
) -> None:
    job = Job("x", "tcp4", CASE)
    result = Result(job, ours, ("RD-15",), "this", "that", "of the suite")
    claim = Claim("no_packet", theirs, "none", "one", {})
    joined = judgement.joined(result, Wire((claim,)))
    assert joined.verdict is both and joined.wire == Wire((claim,))
    assert ("of the suite" in joined.message) is (both is ours)
    assert ("no_packet" in joined.message) is (both is not ours)


def test_the_course_of_the_window_is_reported_with_figures() -> None:
    result = Result(Job("x", "tcp4", CASE), Verdict.PASS, ("RD-15",))
    wire = Wire(tuple(judged(episode("clean_tcp"), TCP)))
    (observation,) = judgement.joined(result, wire).observations
    assert observation.requirement == "RD-15"
    assert observation.text.startswith("of 8192 bytes that the peer sent")
    assert "window went from 8192 to 0 bytes (control" in observation.text


def test_packets_are_numbered_as_in_the_file_that_is_kept() -> None:
    reset = next(p for p in episode("reset").packets if p.number == 11)
    assert reset.segment and reset.source == Endpoint("127.0.1.1", 41000)


def test_the_captures_are_what_their_script_makes(tmp_path: Path) -> None:
    pytest.importorskip("scapy")
    script = str(FIXTURES / "make.py")
    subprocess.run([sys.executable, script, str(tmp_path)], check=True)
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_bytes() for file in FIXTURES.glob("*.pcapng")}
    assert made.keys() == kept.keys()
    assert [name for name in kept if made[name] != kept[name]] == []


def test_tshark_is_there() -> None:
    """Without it none of the above says anything."""
    assert shutil.which("tshark") and shutil.which("dumpcap")
