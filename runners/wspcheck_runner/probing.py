"""`wspcheck probe`, and the first half of `wspcheck run --dll`."""
from __future__ import annotations

from pathlib import Path
from typing import Optional

from rich import box
from rich.console import Console
from rich.table import Table

from . import channel, names, places, probe, profile
from .errors import SetupError
from .probe import Probe, Shown
from .profile import Entry
from .run import opened

PROFILES = places.LOCAL_REPORTS / "profiles"
HANDLES = {"host": "the host's", "system": "the system's", "unknown": "nobody's"}


def look(dll: str, base: Optional[str], guid: Optional[str]) -> Probe:
    """Asks the DLL; SetupError if it is no provider."""
    below = profile.load(profile.find(base)) if base else None
    here = channel.here()
    path = probe.resolve(dll)
    with opened(here, 1):
        return probe.probe(here, path, below, guid)


def show(found: Probe) -> int:
    """Prints what it showed; 1 if something does not fit together."""
    console = Console(highlight=False, soft_wrap=True)
    first = found.offered[0] if found.offered else None
    console.print(f"{Path(found.dll).name}: {found.description or 'no description'}")
    if first:
        console.print(_versions(first))
    console.print(_table(found))
    for refusal, entries in _refusals(found).items():
        console.print(f"not offered: {', '.join(entries)} ({refusal})")
    for line in probe.assumptions(found) if found.offered else ():
        console.print(line)
    for finding in found.findings:
        console.print(f"does not fit: {finding}", style="bold red")
    return 1 if found.findings or not found.offered else 0


def _versions(one: Shown) -> str:
    entry = one.line["entry"]
    return (
        f"version {entry['version']} of the SPI, at most {entry['high_version']}; "
        "all 30 slots of the function table are filled"
    )


def _refusals(found: Probe) -> dict[str, list[str]]:
    refusals: dict[str, list[str]] = {}
    for one in found.shown:
        if not one.is_offered:
            refusals.setdefault(one.refusal, []).append(one.entry.id)
    return refusals


def _table(found: Probe) -> Table:
    headings = ("entry", "family", "type", "protocol", "handles", "flags")
    table = Table(*headings, box=box.SIMPLE_HEAD)
    for one in found.offered:
        entry = one.assumed
        table.add_row(
            entry.id,
            names.name_of(entry.family, names.FAMILIES),
            names.name_of(entry.type, names.TYPES),
            _protocol(entry),
            HANDLES[one.line["handles"]],
            f"{entry.flags:#x}",
        )
    return table


def _protocol(entry: Entry) -> str:
    """Other families number their protocols in their own way."""
    known = [names.FAMILIES[one] for one in names.ADDRESS_SIZES]
    table = names.PROTOCOLS if entry.family in known else {}
    return names.name_of(entry.protocol, table)


def _hint(found: Probe) -> str:
    """What a layer may be missing that finds nothing to be over."""
    if found.guid:
        return ""
    if found.base:
        return (
            ". If it looks in the catalogue for an entry of its own, name the "
            "ProviderId of that: --guid"
        )
    return ". If it is a layer, name what it is over: --base"


def write_profile(found: Probe, path: Optional[Path] = None) -> Path:
    """Makes a profile of it; SetupError if there is no entry to test."""
    if not found.offered:
        reasons = "; ".join(f"{one.entry.id}: {one.refusal}" for one in found.shown)
        what = f"{Path(found.dll).name} offers no entry: {reasons}"
        raise SetupError(f"{what}{_hint(found)}")
    name = probe.file_name(found.dll)
    path = path or PROFILES / f"{name}.toml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(probe.profile_text(found, name), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from None
    return path
