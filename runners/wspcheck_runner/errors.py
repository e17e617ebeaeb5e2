"""The ways in which a run ends without a result, and how the reader is told."""
from __future__ import annotations

import difflib
from typing import Iterable


class SetupError(Exception):
    """The user or the set-up is at fault: one clear line on stderr, exit code 2."""


class ProtocolError(Exception):
    """wspcheck.exe wrote a line that the protocol does not have."""


def near(word: str, known: Iterable[str]) -> str:
    """A clause that proposes what may have been meant, or nothing."""
    candidates = sorted(set(known))
    matches = difflib.get_close_matches(word, candidates, n=3, cutoff=0.5)
    if not matches:
        matches = [one for one in candidates if word.strip("*?").lower() in one.lower()]
    return f"; did you mean {' or '.join(matches[:3])}?" if matches else ""
