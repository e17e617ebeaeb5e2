"""The reader of wspcheck.exe's lines."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from schemas import validate

from wspcheck_runner.errors import ProtocolError
from wspcheck_runner.protocol import Begin, Bye, Case, End, Fatal, Hello, Tail, parse
from wspcheck_runner.verdict import Job, Verdict

RECORDED = Path(__file__).with_name("recorded.jsonl")


def recorded() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def test_recorded_lines_are_as_the_schema_says() -> None:
    for line in recorded():
        validate("protocol", line)


def test_recorded_lines_are_understood() -> None:
    case, hello, begin, end, fatal, bye = (parse(line, "p") for line in recorded())
    assert isinstance(case, Case) and case.requirements == ("RD-7",)
    assert isinstance(hello, Hello) and hello.suite == "0.1.0"
    assert isinstance(begin, Begin) and begin.job == Job("p", "tcp4", case.id)
    assert isinstance(end, End) and end.result.job == begin.job
    assert end.result.verdict is Verdict.TOLERATED
    assert end.result.trace[0].startswith("WSPRecvDisconnect(")
    assert isinstance(fatal, Fatal) and "WSPStartup" in fatal.message
    assert isinstance(bye, Bye)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "ende"},
        {"verdict": "good"},
        {"requirements": None},
        {"duration_ms": "long"},
    ],
)
def test_a_line_that_the_protocol_has_not_is_refused(change: dict[str, Any]) -> None:
    (end,) = [line for line in recorded() if line["type"] == "end"]
    with pytest.raises(ProtocolError, match="in the line"):
        parse({**end, **change}, "p")


def test_another_version_of_the_protocol_is_refused() -> None:
    (hello,) = [line for line in recorded() if line["type"] == "hello"]
    with pytest.raises(ProtocolError, match="version 2, not 1"):
        parse({**hello, "protocol": 2}, "p")


def test_a_line_is_read_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "results"
    tail = Tail(path, ["n1"], "p")
    assert tail.read() == []
    with path.open("ab", buffering=0) as file:
        file.write(b'{"type": "bye", "cases": 1, "non')
        assert tail.read() == []
        file.write(b'ce": "n1"}\n')
        assert tail.read() == [Bye()]
        assert tail.read() == []


def test_what_others_write_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_bytes(
        b"\xff\xfe garbage n1\n"
        b'{"type": "bye", "nonce": "other"}\n'
        b'["n1"]\n'
        b'{"type": "bye", "text": "n1"}\n'
        b'{"type": "bye", "nonce": ["n1"]}\n'
        b'{"type": "bye", "nonce": "n1"}\n'
    )
    assert Tail(path, ["n1"], "p").read() == [Bye()]


def test_a_nonce_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "results"
    lines = [f'{{"type": "bye", "cases": {n}, "nonce": "n{n}"}}\n' for n in range(4)]
    path.write_text("".join(lines[n] for n in (0, 0, 2, 1, 2, 3)))
    tail = Tail(path, ["n0", "n1", "n2", "n3"], "p")
    assert tail.read() == [Bye(), Bye(), Bye()]
    path.open("a").write(lines[3])
    assert tail.read() == []
