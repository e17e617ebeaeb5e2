"""The cases of the suite, as wspcheck.exe itself lists them."""
from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Mapping, Optional

from . import places
from .channel import Channel
from .errors import ProtocolError, SetupError
from .protocol import Case, parse

Catalogue = Mapping[str, Case]

ASK_LIMIT_S = 60


def load(channel: Channel) -> Catalogue:
    """Every case by its id, in the suite's order; the channel is open. The suite is
    asked once a build: its answer is kept beside it."""
    found = kept()
    if found is not None:
        return found
    text = ask(channel, places.suite(), "list")
    data = {"key": _key(), "lines": text}
    _keep_file().write_text(json.dumps(data), encoding="utf-8")
    return _cases(text)


def kept() -> Optional[Catalogue]:
    """What the suite has answered before, if it has not been built anew since."""
    key = _key()
    try:
        data = json.loads(_keep_file().read_text(encoding="utf-8"))
        return _cases(str(data["lines"])) if data["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep_file() -> Path:
    return places.suite().with_name("wspcheck-cases.json")


def _key() -> str:
    """What tells one build of the suite from another."""
    try:
        stamp = places.suite().stat()
    except OSError:
        raise SetupError(
            f"there is no suite at {places.for_reader(places.suite())}: "
            "start runners/run, which builds it"
        ) from None
    return f"{stamp.st_mtime_ns}-{stamp.st_size}"


def ask(channel: Channel, program: Path, *arguments: str) -> str:
    """What a program of ours prints; the channel is open."""
    with tempfile.TemporaryFile() as output:
        process = channel.start([channel.path(program), *arguments], output)
        try:
            status = process.wait(ASK_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise SetupError(
                f"{program.name} did not answer within {ASK_LIMIT_S} s"
            ) from None
        finally:
            channel.kill(process)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if status != 0:
        said = text.strip().splitlines()[-1:] or ["nothing"]
        raise SetupError(
            f"{program.name} cannot say what there is: exit status {status}, "
            f"it said: {said[0]}"
        )
    # Wine may have remarks of its own: about a prefix that it brings up to date, say.
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("wine: "))


def _cases(text: str) -> Catalogue:
    cases: dict[str, Case] = {}
    for line in text.splitlines():
        try:
            message = parse(json.loads(line), "")
        except (ValueError, ProtocolError):
            raise SetupError(f"wspcheck.exe lists no case in {line[:200]!r}") from None
        if not isinstance(message, Case):
            raise SetupError(f"wspcheck.exe lists no case in {line[:200]!r}")
        cases[message.id] = message
    if not cases:
        raise SetupError("wspcheck.exe lists no cases")
    return cases
