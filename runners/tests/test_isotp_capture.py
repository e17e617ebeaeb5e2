"""Exchanges of disconnect data as they pass the wire: tshark, which shares no code with
us, reads what the reference and the suite's peer send in cases."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import pytest
from capture import Connection, Reading, captured, read

from wspcheck_runner import catalogue, channel, profile, selection
from wspcheck_runner.engine import Engine, Options
from wspcheck_runner.selection import Wanted
from wspcheck_runner.verdict import Result, Verdict
from wspcheck_runner.wire.packet import Tpdu

ENTRIES = ("isotp", "isotp-stream")
NORMAL = 128
"""The cause of a disconnect that the user asked for."""
MOST = 64


def words(first: str, size: int) -> bytes:
    """The data of a case: octets that count up (conformance/cases, make_words)."""
    return bytes((ord(first) + n) % 256 for n in range(size))


A, B = words("A", MOST), words("\xB0", MOST)
CALL = [("caller", "CR", b""), ("callee", "CC", b"")]
EXCHANGES = {
    "exchange.provider_begins.connected.fd_close_event": [
        ("caller", "DR", A),
        ("callee", "DR", B),
    ],
    "exchange.provider_begins.connected.only_a": [
        ("caller", "DR", A),
        ("callee", "DC", b""),
    ],
    "exchange.peer_begins.connected.fd_close_event": [
        ("callee", "DR", A),
        ("caller", "DR", B),
    ],
    "exchange.peer_begins.accepted.fd_close_event": [
        ("caller", "DR", A),
        ("callee", "DR", B),
    ],
    "exchange.self_caller_begins.fd_close_event": [
        ("caller", "DR", A),
        ("callee", "DR", B),
    ],
    "exchange.self_callee_begins.only_a": [
        ("callee", "DR", A),
        ("caller", "DC", b""),
    ],
    "exchange.data_before_answer": [
        ("caller", "DR", A[:10]),
        ("callee", "DT", b"still here\0"),
        ("callee", "DR", B[:20]),
    ],
    "exchange.send_before_answer": [
        ("callee", "DR", A[:10]),
        ("caller", "DT", b"last words"),
        ("caller", "DR", B[:20]),
    ],
    **{
        f"data.any_octet.from_{first}": [
            ("callee", "DR", words(chr(first), MOST)),
            ("caller", "DC", b""),
        ]
        for first in range(0, 256, MOST)
    },
}
"""By case, what passes behind the call."""


@dataclass(frozen=True)
class Observed:
    """A case, and the connection that it made."""

    result: Result
    connection: Connection


Exchanges = dict[tuple[str, str], Observed]


@dataclass(frozen=True)
class Recording:
    """What cases did, and what passed the wire meanwhile."""

    results: list[Result]
    file: Path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """All exchanges on all entries."""
    file = tmp_path_factory.mktemp("capture") / "exchanges.pcapng"
    cases = [f"recv_disconnect.{case}" for case in EXCHANGES]
    return Recording(run_captured(cases, file), file)


@pytest.fixture(scope="module")
def exchanges(recording: Recording) -> Exchanges:
    """The same by entry and case, as tshark reads it."""
    return matched(recording.results, read(recording.file))


def matched(results: Sequence[Result], reading: Reading) -> Exchanges:
    """Each case with its connection."""
    assert reading.connections, "the capture is empty: nothing was sent on TCP"
    assert not reading.malformed, "tshark finds malformed frames"
    assert len(reading.connections) == len(results), "not a connection a case"
    return {
        (result.job.entry, result.job.case.partition(".")[2]): Observed(result, one)
        for result, one in zip(results, reading.connections)
    }


def run_captured(cases: Sequence[str], file: Path) -> list[Result]:
    """Runs cases one by one, each of which makes one connection; gives the results in
    the order in which they were run."""
    here = channel.here()
    try:
        here.open()
        wanted = Wanted(cases=tuple(cases), entries=ENTRIES)
        profiles = [profile.find("reference")]
        chosen = selection.select(profiles, catalogue.load(here), wanted)
        engine = Engine(chosen, here, Options(workers=1, limit_s=10.0))
        with captured(file, here.network.prefix):
            try:
                engine.start()
                for job in chosen.jobs:
                    engine.wait(job)
            finally:
                engine.stop()
    finally:
        here.close()
    assert not engine.notes and engine.is_complete, engine.notes + engine.gave_up
    return list(engine.results.values())


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("case", EXCHANGES)
def test_tshark_reads_what_the_case_sent(
    exchanges: Exchanges, entry: str, case: str
) -> None:
    observed = exchanges[entry, case]
    assert observed.result.verdict is Verdict.PASS, observed.result.why
    tpdus = observed.connection.tpdus
    assert [as_expected(*one) for one in tpdus] == CALL + EXCHANGES[case]
    # What the suite says that it had said: not only what we think that it should.
    farewells = [len(one.data) for _, one in tpdus if one.type == "DR" and one.data]
    assert farewells == sizes(observed.result.trace)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("case", EXCHANGES)
def test_every_octet_belongs_to_a_tpdu_of_this_connection(
    exchanges: Exchanges, entry: str, case: str
) -> None:
    connection = exchanges[entry, case].connection
    assert connection.understood == sum(connection.sent.values())
    (_, request), (_, confirm), *others = connection.tpdus
    assert request.to == 0 and request.by and confirm.by
    assert confirm.to == request.by
    for is_callers, one in others:
        mine, yours = request.by, confirm.by
        if not is_callers:
            mine, yours = yours, mine
        assert one.to == yours
        assert one.by == (None if one.type == "DT" else mine)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("case", EXCHANGES)
def test_the_fields_of_each_tpdu_are_as_in_class_2(
    exchanges: Exchanges, entry: str, case: str
) -> None:
    for _, one in exchanges[entry, case].connection.tpdus:
        assert one.class_ == (2 if one.type in ("CR", "CC") else None)
        assert one.cause == (NORMAL if one.type == "DR" else None)
        assert one.ends_message == (1 if one.type == "DT" else None)


def test_an_empty_capture_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="the capture is empty"):
        matched([], Reading([], []))


def test_tshark_sees_damage(recording: Recording, tmp_path: Path) -> None:
    whole = recording.file.read_bytes()
    last_parameter = b"\xC6\x01\x00"
    assert last_parameter in whole
    damaged = tmp_path / "damaged.pcapng"
    damaged.write_bytes(whole.replace(last_parameter, b"\xC6\x09\x00"))
    with pytest.raises(AssertionError, match="malformed"):
        matched(recording.results, read(damaged))


def as_expected(is_callers: bool, tpdu: Tpdu) -> tuple[str, str, bytes]:
    """A TPDU as the table above has it."""
    return "caller" if is_callers else "callee", tpdu.type, tpdu.data


def sizes(trace: Sequence[str]) -> list[int]:
    """How much disconnect data the provider and the peer sent, in the case's order."""
    said = re.compile(
        r"WSPSendDisconnect\(.*data=\{len (\d+)|^peer disconnects with (\d+) bytes"
    )
    found = (said.search(line) for line in trace)
    return [int(one[1] or one[2]) for one in found if one]
