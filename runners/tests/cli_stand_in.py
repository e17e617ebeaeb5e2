"""The command line on a machine without Wine: the stand-in takes the place of
wspcheck.exe, with a suite of made-up cases. Its folder is that of $WSPCHECK_BIN."""
from __future__ import annotations

import sys

from test_engine import StandIn

from wspcheck_runner import catalogue, channel, cli, places
from wspcheck_runner.protocol import Case

TOPICS = ("pass", "fail", "tolerated", "blocked", "not-applicable", "pass")
RARE = {20: "exits", 70: "crashes"}
"""Each costs a process."""
CASES = {
    ident: Case(ident, ("RD-7",), "", "conformance/cases/x.c", 1)
    for ident in (f"a.{RARE.get(n, TOPICS[n % 11 % 6])}.{n}" for n in range(90))
}


def main() -> int:
    """`wspcheck`, so equipped."""
    stand_in = StandIn(places.binaries() / "ground")
    channel.here = lambda: stand_in
    catalogue.load = lambda here: CASES
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
