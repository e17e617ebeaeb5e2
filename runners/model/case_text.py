"""A difference as a conformance case: C in the form of the suite, to be pasted."""
from __future__ import annotations

import hashlib
import re
import textwrap

from wspcheck_runner.profile import Entry
from wspcheck_runner.requirements import Requirement

from . import socket_model
from .expected import OK
from .script import Difference, Step


def c_string(data: bytes) -> str:
    """A literal; letters and digits as they are."""
    if all(chr(byte).isalnum() and byte < 128 for byte in data):
        return f'"{data.decode()}"'
    return '"' + "".join(f"\\{byte:03o}" for byte in data) + '"'


def print_case(
    difference: Difference, entry: Entry, requirement: Requirement | None
) -> str:
    """The whole case, with the sentence that it checks."""
    steps = [*(_arranged(step) for step in difference.steps[:-1])]
    body = [line for lines in steps for line in lines]
    body += _claim(difference.steps[-1], difference)
    body = _without_idle(body)
    name = _name(difference, body)
    checks = requirement.id if requirement else "RD-?"
    return "\n".join(
        [
            *_comment(difference, requirement),
            f"SPI_CASE(sequence_{name},",
            f'         .id = "recv_disconnect.sequence.{name}",',
            f'         .checks = "{checks}",',
            f"         .applies = {{{_applies(entry)}}})",
            "{",
            *(f"    {line}" for line in [*_declarations(body), "", *body]),
            "}",
        ]
    )


def _comment(difference: Difference, requirement: Requirement | None) -> list[str]:
    said = (
        f"{requirement.id}: {requirement.text}"
        if requirement
        else f"{difference.source} has no requirement of its own here yet."
    )
    saw = f"Found by random sequences on {difference.entry}: want {difference.want}, "
    lines = textwrap.wrap(f"{said} {saw}got {difference.got}.", 84)
    return ["/* " + "\n * ".join(lines) + " */"]


def _applies(entry: Entry) -> str:
    protocol = socket_model.Protocol.of(entry)
    orientation = "CONNECTIONLESS" if protocol.connectionless else "CONNECTION_ORIENTED"
    parts = [f".orientation = {orientation}"]
    flag = ".has" if protocol.disconnect_data else ".has_not"
    if not protocol.connectionless:
        parts.append(f"{flag} = XP1_DISCONNECT_DATA")
    return ", ".join(parts)


def _name(difference: Difference, body: list[str]) -> str:
    call = re.sub(r"\W.*", "", difference.steps[-1].call.removeprefix("spi_"))
    text = "\n".join([difference.entry, *body])
    return f"{call}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _without_idle(body: list[str]) -> list[str]:
    """Without variables that nobody reads."""
    text = "\n".join(body)
    names = set(re.findall(r"\b[ps]\d+\b", text))
    idle = {one for one in names if len(re.findall(rf"\b{one}\b", text)) == 1}
    return [
        line.split(" = ", 1)[1] if line.split(" = ")[0] in idle else line
        for line in body
    ]


def _declarations(body: list[str]) -> list[str]:
    text = "\n".join(body)
    found = []
    sockets = sorted(set(re.findall(r"\bs\d+\b", text)), key=lambda s: int(s[1:]))
    peers = sorted(set(re.findall(r"\bp\d+\b", text)), key=lambda p: int(p[1:]))
    buffers = sorted(set(re.findall(r"\bb\d+\b", text)), key=lambda b: int(b[1:]))
    if sockets:
        found.append("SOCKET " + ", ".join(sockets) + ";")
    if peers:
        found.append("struct peer " + ", ".join(f"*{peer}" for peer in peers) + ";")
    if buffers:
        found.append("WSABUF " + ", ".join(buffers) + ";")
    if "&address" in text:
        found.append("struct sockaddr_storage address;")
    if "linger" in text:
        found.append("struct linger linger;")
    if "= peer_address(" in text:
        found.append("const struct sockaddr *to;")
    if "&length" in text:
        found.append("int length;")
    return found


def _arranged(step: Step) -> list[str]:
    """A step on the way: what conforms there is set-up."""
    if not step.expected:
        return list(step.lines)
    before, target = list(step.lines[:-1]), step.lines[-1]
    if OK in step.expected.outcomes and "{call}" in target:
        if len(step.expected.outcomes) == 1:
            return [*before, target.format(call=f"SETUP({step.call})")]
        return [*before, target.format(call=step.call)]
    return [*before, *_expectation(step)]


def _claim(step: Step, difference: Difference) -> list[str]:
    """The step that differs, with what is expected of it."""
    if not step.expected:
        return [*step.lines, f"/* {difference.want}: {difference.got} */"]
    return [*step.lines[:-1], *_expectation(step)]


def _expectation(step: Step) -> list[str]:
    assert step.expected
    outcomes = sorted(step.expected.outcomes - {OK})
    lines = []
    if OK in step.expected.outcomes and not outcomes:
        lines.append(f"EXPECT_SUCCEEDS({step.call});")
    elif len(step.expected.outcomes) == 1:
        lines.append(f"EXPECT_FAILS({step.call}, {outcomes[0]});")
    else:
        accepted = [f'{{{code}, "{code}", NULL}}' for code in outcomes]
        if OK in step.expected.outcomes:
            accepted.insert(0, '{0, "success", NULL}')
        lines.append(f"EXPECT_ONE_OF({step.call},")
        lines += [f"              {one}," for one in accepted[:-1]]
        lines.append(f"              {accepted[-1]});")
    data = step.expected.data
    if data and step.buffer and OK in step.expected.outcomes:
        longest = max(data, key=len)
        if longest:
            lines.append(
                f"EXPECT_BYTES({step.buffer}, {c_string(longest)}, {len(longest)});"
            )
    return lines
