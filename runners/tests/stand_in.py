"""Speaks wspcheck.exe's protocol without Wine, and misbehaves on request: what a case
does follows from its id, unless the variable WSPCHECK_MUTANT (`case=topic,...`) turns
it into another. Real providers cannot be made to do most of this."""
from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from typing import Any, Callable

Write = Callable[..., None]


def main() -> int:
    """Works through the jobs file."""
    options = _parser().parse_args(sys.argv[2:])
    with open(options.nonces, encoding="utf-8") as file:
        nonces = file.read().split()
    with open(options.results, "a", encoding="utf-8") as results:

        def write(nonce: str = "", **line: Any) -> None:
            line["nonce"] = nonce or nonces.pop(0)
            results.write(json.dumps(line) + "\n")
            results.flush()

        if "never_starts" in options.dll:
            return 7
        if "refuses" in options.dll:
            write(type="fatal", message="the DLL has no WSPStartup")
            return 2
        if "refuses" in os.environ.get("WSPCHECK_MUTANT", ""):
            write(type="fatal", message="WSPStartup failed")
            return 2
        if "starts_once" in options.dll and _been_here(options.dll):
            return 7
        provider = {"path": options.dll, "entries": [{"id": "tcp4", "version": "2.2"}]}
        write(type="hello", protocol=1, suite="0.1.0", arch="x86_64", provider=provider)
        with open(options.jobs_file, encoding="utf-8") as jobs:
            pairs = [line.split() for line in jobs]
        for entry, case in pairs:
            status = _case(write, entry, case, int(options.limit_ms))
            if status is not None:
                return status
        write(type="bye", cases=len(pairs))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    for name in ("dll", "jobs-file", "results", "nonces", "limit-ms"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("entry", "address4", "address6", "rounds"):
        parser.add_argument(f"--{name}", action="append")
    return parser


def _turned() -> dict[str, str]:
    pairs = os.environ.get("WSPCHECK_MUTANT", "").split(",")
    return dict(pair.split("=") for pair in pairs if pair)


def _been_here(marker: str) -> bool:
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        return False
    except FileExistsError:
        return True


def _case(write: Write, entry: str, case: str, limit_ms: int) -> int | None:
    topic = _turned().get(case, case.split(".")[1])
    if topic == "orphan":
        _end(write, entry, case, "pass")
        return None
    write(type="begin", entry=entry, case=case, limit_ms=limit_ms)
    if topic == "exits":
        print("last words", flush=True)
        return 5
    if topic == "is_killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if topic == "topples":
        if not _been_here(f"{os.environ['GROUND']}.{case}"):
            os.remove(os.environ["GROUND"])
            time.sleep(3600)
    if topic == "always_topples":
        os.remove(os.environ["GROUND"])
        time.sleep(3600)
    if topic == "hangs":
        time.sleep(3600)
    if topic == "forges":
        _end(lambda **line: write(nonce="forged", **line), entry, case, "pass")
        _end(write, entry, case, "fail")
        return None
    if topic == "crashes":
        _end(write, entry, case, "crash")
        return 4
    if topic == "fails_once":
        topic = "pass" if _been_here(f"{os.environ['GROUND']}.{case}") else "fail"
    words = ("fail", "tolerated", "blocked", "not-applicable")
    verdict = topic if topic in words else "pass"
    _end(write, entry, case, verdict)
    return 9 if topic == "exits_after" else None


def _end(write: Write, entry: str, case: str, verdict: str) -> None:
    write(
        type="end",
        entry=entry,
        case=case,
        requirements=["RD-8" if ".eight" in case else "RD-7"],
        verdict=verdict,
        expected="this",
        observed="that",
        message="" if verdict == "pass" else f"a {verdict}",
        observations=[{"requirement": "RD-7", "text": "seen"}],
        duration_ms=1.5,
        waits_ms=0.5,
        location="conformance/cases/x.c:1",
        trace=["WSPRecvDisconnect(s=0x204) -> 0"],
        last=verdict == "crash",
    )


sys.exit(main())
