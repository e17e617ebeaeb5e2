"""Derive entries of APT from the machine's own configuration.

    source_list.py FOLDER RELEASE             deb-src lines of this Debian release
    source_list.py FOLDER RELEASE --archive   address of the archive that offers it

Prints one-line-style entries, or addresses, one for every entry of the configuration
that offers the release, whichever of APT's two formats it is written in.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ONE_LINE = re.compile(r"deb(?:-src)?\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<rest>\S.*)")


def offers_release(suite: str, release: str) -> bool:
    """Whether a suite is one of the release's own."""
    names = {release, "stable", "oldstable"}
    return suite in {name + part for name in names for part in ("", "-updates")} | {
        f"{name}-security" for name in names
    }


def entry(options: str, uri: str, suite: str, components: list[str]) -> str:
    """One line of the list."""
    head = f"deb-src [{options}]" if options else "deb-src"
    return " ".join([head, uri, suite, *components])


def from_one_line(text: str, release: str) -> Iterator[str]:
    """Entries of a ``*.list`` file."""
    for line in text.splitlines():
        match = ONE_LINE.fullmatch(line.split("#")[0].strip())
        if not match:
            continue
        uri, suite, *components = match["rest"].split()
        if "main" in components and offers_release(suite, release):
            options = (match["options"] or "").split()
            kept = [o for o in options if not o.startswith("arch")]
            yield entry(" ".join(kept), uri, suite, components)


def fields_of(stanza: str) -> dict[str, str]:
    """Fields of a deb822 stanza by lower-case name; lines are joined."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def from_deb822(text: str, release: str) -> Iterator[str]:
    """Entries of a ``*.sources`` file."""
    for stanza in re.split(r"\n\s*\n", text):
        fields = fields_of(stanza)
        components = fields.get("components", "").split()
        if "main" not in components or fields.get("enabled", "yes").lower() == "no":
            continue
        options = [
            f"{name}={fields[name]}"
            for name in ("signed-by", "trusted", "check-valid-until")
            # A key may be written into the file itself, which one line cannot hold;
            # the machine's trusted keys answer then.
            if name in fields and "\n" not in fields[name]
        ]
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                if offers_release(suite, release):
                    yield entry(" ".join(options), uri, suite, components)


def source_entries(folder: Path, release: str) -> list[str]:
    """All entries of an APT configuration folder, each once."""
    found: list[str] = []
    parts = folder / "sources.list.d"
    for path in [folder / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.is_file():
            found += from_one_line(path.read_text(), release)
    for path in sorted(parts.glob("*.sources")):
        found += from_deb822(path.read_text(), release)
    return [line for line in dict.fromkeys(found) if " cdrom:" not in line]


def archives(folder: Path, release: str) -> list[str]:
    """Addresses of the archives that offer the release itself, each once."""
    found = []
    for line in source_entries(folder, release):
        options_and_address = re.sub(r"^deb-src (\[[^]]*\] )?", "", line)
        address, suite, *_ = options_and_address.split()
        if suite in (release, "stable", "oldstable"):
            found.append(address)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    list_ = archives if "--archive" in sys.argv[3:] else source_entries
    print("\n".join(list_(Path(sys.argv[1]), sys.argv[2])))
