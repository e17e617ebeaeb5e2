"""The hostile providers of fixtures/hostile: what they do, and what must come of it."""
from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

import pytest

from wspcheck_runner import places

TABLE = pytest.StashKey[list[str]]()
"""What conftest.py shows at the end."""
FOLDER = places.REPOSITORY / "fixtures" / "hostile"
CASES = {
    "call": "recv_disconnect.descriptor.is_no_socket.invalid_socket",
    "buffer": "recv_disconnect.descriptor.is_no_socket_with_buffer.invalid_socket",
    "version": "recv_disconnect.callback.refused_by_1_1.accept",
    "blocking": "recv_disconnect.in_progress.nested.recv_finishes",
    "routine": "recv_disconnect.send.works.send_routine.idle",
}
"""By moment, the case in which a behaviour shows, on the entry ENTRY."""
OTHERS = (
    "recv_disconnect.slot.is_code",
    "recv_disconnect.slot.success_is_zero",
    "recv_disconnect.descriptor.is_no_socket.just_closed",
    "recv_disconnect.send.works_unconnected",
)
"""Cases before, between and after these."""
ENTRY = "tcp4"
ENTRIES = (ENTRY, "udp4")


@dataclass(frozen=True)
class Hostile:
    """A behaviour and what it must end in (fixtures/hostile/expected.toml)."""

    id: str
    sentence: str
    moment: str
    verdict: str = ""
    says: str = ""
    trace: str = ""
    incident: str = ""
    says_i386: str = ""
    only: str = ""
    """The architecture on which there is such a behaviour, if not on each."""

    def on_i386(self) -> Hostile:
        """What it must end in where the process has 32 bit."""
        if not self.says_i386:
            return self
        key = "incident" if self.incident else "says"
        return replace(self, **{key: self.says_i386})

    @property
    def case(self) -> Optional[str]:
        """The case in which it shows; None if that is none in particular."""
        return CASES.get(self.moment)

    @property
    def outcome(self) -> str:
        """In a word or two, for the table."""
        if self.moment == "start":
            return "blocked, all"
        return self.verdict if self.case else "incident"

    @property
    def is_harmless(self) -> bool:
        """Whether nothing of the run is red."""
        return self.verdict == "pass" and not self.incident

    def profile(self, folder: Path) -> Path:
        """A profile of it."""
        return _profile(folder, self.id, "wsphostile.dll", self.id)


def plain(folder: Path) -> Path:
    """A profile of the reference itself, for comparison."""
    return _profile(folder, "plain", "wspref.dll", "")


def sentences() -> dict[str, str]:
    """What each behaviour does, by its id, from the sources."""
    pattern = re.compile(r'\.id = "(\w+)",\s*\.sentence =\s*((?:"[^"]*"\s*)+|\w+)')
    found = {}
    for source in sorted(FOLDER.glob("*.c")):
        text = source.read_text(encoding="utf-8")
        for ident, words in pattern.findall(text):
            if not words.startswith('"'):
                words = re.findall(rf"#define {words} (.*)", text)[0]
            found[ident] = "".join(re.findall(r'"([^"]*)"', words))
    return found


def all_of_them() -> list[Hostile]:
    """Every behaviour, with what is expected of it."""
    expected = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
    told = sentences()
    return [Hostile(one, told.get(one, ""), **how) for one, how in expected.items()]


def table(rows: list[tuple[Hostile, bool]]) -> list[str]:
    """Behaviour, what it does, what came of it, and whether it was contained."""
    first = max(len(one.id) for one, _ in rows)
    second = max(len(one.sentence) for one, _ in rows)
    head = f"{'behaviour':{first}}  {'what it does':{second}}  outcome       contained"
    return [head] + [
        f"{one.id:{first}}  {one.sentence:{second}}  {one.outcome:12}  "
        + ("yes" if contained else "NO")
        for one, contained in rows
    ]


def _profile(folder: Path, name: str, dll: str, behaviour: str) -> Path:
    reference = places.REPOSITORY / "fixtures" / "profiles" / "reference.toml"
    parts = reference.read_text(encoding="utf-8").split("[[entry]]")
    wanted = [p for p in parts if any(f'id = "{one}"\n' in p for one in ENTRIES)]
    head = f'name = "{name}"\ntitle = "{name}"\ndll = "{dll}"\n'
    if behaviour:
        head += f'\n[environment]\nWSPCHECK_HOSTILE = "{behaviour}"\n'
    path = folder / f"{name}.toml"
    path.write_text(head + "".join(f"\n[[entry]]{part}" for part in wanted))
    return path
