"""A run without what differs from run to run, so that two runs that found the same give
the same files, byte for byte.

Left out or replaced: when it ran and how long it took; the machine (platform, network,
kernel, Python, compiler), the repository's commit and what was typed; call traces,
since whether a call had to wait is a matter of the moment; in texts times, addresses of
memory, handles and other hexadecimal numbers, addresses of sockets, numbers of packets,
processes and threads; figures counted in packets. What remains is what a report claims:
which cases ran on what, with which verdicts, and what was expected and observed."""
from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any, Mapping

from . import environment
from .merge import Whole
from .past import Past
from .record import Record
from .verdict import Result, Wire

START = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

_VARIABLE = (
    (re.compile(r"\b\d+(\.\d+)? ms\b"), "0 ms"),
    (re.compile(r"(?<![\w.])127\.\d+\.\d+\.\d+(:\d+)?"), "127.0.0.1:0"),
    (re.compile(r"\[?\bfd77:7370:[0-9a-f:]+(\]?:\d+)?"), "[::1]:0"),
    (re.compile(r"((?<![\w.])\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+"), r"\1:0"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "0x0"),
    (re.compile(r"#\d+\b"), "#0"),
    (re.compile(r"\b(process|thread|port) \d+\b"), r"\1 0"),
)
_OF_THE_MACHINE = ("platform", "network", "kernel", "python", "compiler")


def normalised(whole: Whole) -> Whole:
    """The run without all that."""
    past = whole.past
    changes = {"command": "wspcheck", "started": START.isoformat(timespec="seconds")}
    return replace(
        whole,
        record=Record({**whole.record.data, **changes}),
        past=Past(
            results={job: _result(one) for job, one in past.results.items()},
            hellos=dict(sorted(past.hellos.items())),
            incidents=sorted(map(_text, past.incidents)),
            notes=sorted(map(_text, past.notes)),
            gave_up=sorted(map(_text, past.gave_up)),
            unreached=past.unreached,
            end=past.end,
        ),
        environment=_environment(whole.environment),
        evidence=(),
    )


def _result(one: Result) -> Result:
    observations = (replace(two, text=_text(two.text)) for two in one.observations)
    return replace(
        one,
        expected=_text(one.expected),
        observed=_text(one.observed),
        message=_text(one.message),
        duration_ms=0.0,
        waits_ms=0.0,
        observations=tuple(observations),
        trace=(),
        wire=_wire(one.wire) if one.wire else None,
    )


def _wire(wire: Wire) -> Wire:
    claims = (
        replace(
            one,
            expected=_text(one.expected),
            observed=_text(one.observed),
            figures=dict.fromkeys(one.figures, 0),
        )
        for one in wire.claims
    )
    return replace(wire, claims=tuple(claims))


def _text(text: str) -> str:
    for variable, constant in _VARIABLE:
        text = variable.sub(constant, text)
    return text


def _environment(data: Mapping[str, Any]) -> dict[str, Any]:
    hosts: list[dict[str, Any]] = []
    for host in data["hosts"]:
        one = {**host, **dict.fromkeys(_OF_THE_MACHINE, "")}
        one["suite"] = {**host["suite"], "commit": None}
        if one not in hosts:
            hosts.append(one)
    return {**environment.of_hosts(hosts), "command": "wspcheck"}
