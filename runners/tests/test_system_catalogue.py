"""What the system's Winsock catalogue says of a DLL. Wine does not say whose its
entries are, so what Windows would say is made up here."""
from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Mapping, Optional, Sequence

import pytest
from test_engine import StandIn

from wspcheck_runner import catalogue, channel, names, places, probe, profile
from wspcheck_runner import system_catalogue
from wspcheck_runner.candidates import candidates
from wspcheck_runner.errors import SetupError
from wspcheck_runner.run import opened

MSWSOCK = r"C:\Windows\system32\mswsock.dll"
TCP = 6
UDP = 17


def line(
    name: str, *protocol: int, path: str = MSWSOCK, chain_length: int = 1
) -> dict[str, Any]:
    """An entry as `wspcheck.exe catalogue` prints it."""
    family, type_, number, flags, catalog_id = protocol
    entry = {
        "family": family,
        "type": type_,
        "protocol": number,
        "flags": flags,
        "message_size": 65527 if type_ == 2 else 0,
        "min_addr": 16,
        "max_addr": 16,
        "catalog_id": catalog_id,
        "guid": "{e70f1aa0-ab8b-11cf-8ca3-00805f48a192}",
        "name": name,
    }
    return {
        "type": "catalogue",
        "entry": entry,
        "chain_length": chain_length,
        "path": path,
    }


LINES = [
    line("ACME over [TCP/IP]", 2, 1, TCP, 0x66, 1013, path=r"C:\acme.dll"),
    line("ACME", 2, 1, TCP, 0x66, 1012, path=r"C:\acme.dll", chain_length=0),
    line("Chain", 2, 1, TCP, 0x66, 1014, chain_length=2),
    line("MSAFD Tcpip [TCP/IP]", 2, 1, TCP, 0x20066, 1001),
    line("MSAFD Tcpip [UDP/IP]", 2, 2, UDP, 0x20609, 1002, path=MSWSOCK.upper()),
    line("MSAFD Tcpip [RAW/IP]", 2, 3, 0, 0x20609, 1003),
    line("MSAFD NetBIOS [x] SEQPACKET 0", 17, 5, -(2**31), 0x2000E, 1007),
    line("A second [TCP/IP]", 2, 1, TCP, 0x20066, 1008),
    line("Nobody's", 2, 1, TCP, 0x66, 1015, path=""),
]


def test_the_entries_of_a_dll_are_those_of_its_path() -> None:
    found = system_catalogue.of_dll(LINES, MSWSOCK)
    assert [(one.id, one.catalog_id) for one in found] == [
        ("tcp4", 1001),
        ("udp4", 1002),
        ("msafd-netbios-x-seqpacket-0", 1007),
        ("tcp4-1008", 1008),
    ]
    udp = found[1]
    assert (udp.name, udp.flags) == ("MSAFD Tcpip [UDP/IP]", 0x20609)
    assert (udp.message_size, udp.max_address) == (65527, 16)
    assert udp.guid == "{e70f1aa0-ab8b-11cf-8ca3-00805f48a192}"


@pytest.mark.parametrize("dll", [r"C:\elsewhere\mswsock.dll", "C:\\", "Z:\\tmp\\x.dll"])
def test_a_dll_that_is_not_listed_has_none(dll: str) -> None:
    assert not system_catalogue.of_dll(LINES, dll)


def test_what_is_no_listing_is_refused() -> None:
    with pytest.raises(SetupError, match="lists no catalogue"):
        system_catalogue.parse('{"type": "catalogue"\n')


class Remarking(StandIn):
    """A channel whose every program prints a line behind a remark of Wine's."""

    def start(
        self,
        arguments: Sequence[str],
        output: IO[bytes],
        environment: Mapping[str, str] = channel.NOTHING,
        source: Optional[IO[bytes]] = None,
    ) -> subprocess.Popen[bytes]:
        """Prints them."""
        lines = ("wine: configuration has been updated.", "{}")
        return subprocess.Popen(["printf", "%s\\n", *lines], stdout=output)


def test_a_remark_of_wines_is_no_part_of_a_listing(tmp_path: Path) -> None:
    here = Remarking(tmp_path / "ground")
    assert catalogue.ask(here, places.suite(), "catalogue") == "{}\n"


def test_wine_lists_its_entries_and_does_not_tell_whose_they_are() -> None:
    here = channel.here()
    with opened(here, 1):
        text = catalogue.ask(here, places.suite(), "catalogue")
    lines = system_catalogue.parse(text)
    protocols = {
        (one["entry"]["family"], one["entry"]["type"], one["entry"]["protocol"])
        for one in lines
    }
    assert {(2, 1, TCP), (2, 2, UDP), (23, 1, TCP), (23, 2, UDP)} <= protocols
    assert {one["path"] for one in lines} == {""}
    assert {one["chain_length"] for one in lines} == {1}
    known = profile.load(places.PROFILES / "wine-winsock.toml").entries[0]
    told = next(one["entry"] for one in lines if one["entry"]["catalog_id"] == 1001)
    assert (told["guid"], told["name"]) == (known.guid, known.name)


def shown(entry: profile.Entry, **told: Any) -> probe.Shown:
    """An entry of which a socket was made, with handles of the system."""
    answer = {
        "startup_error": "",
        "wrong": "",
        "has_socket": 1,
        "handles": "system",
        "cleanup_error": "",
        "entry": {"description": "", "version": "2.2", "high_version": "2.2"},
    }
    return probe.Shown(entry, {**answer, **({"told": told} if told else {})})


def test_the_catalogue_goes_before_what_a_socket_tells(tmp_path: Path) -> None:
    entry = system_catalogue.of_dll(LINES, MSWSOCK)[0]
    other = {"family": 2, "type": 1, "protocol": TCP, "flags": 0x26, "name": "other"}
    found = probe.Probe(MSWSOCK, None, None, (shown(entry, **other),))
    assert found.offered[0].assumed == entry
    assert not found.findings
    said = probe.assumptions(found)
    assert said[0].endswith("with the entries of the system's catalogue:")
    assert "tcp4: flags as the catalogue says: XP1_GUARANTEED_DELIVERY" in said[1]
    made = tmp_path / "made.toml"
    made.write_text(probe.profile_text(found, "made"), encoding="utf-8")
    again = profile.load(made)
    assert again.entries == (entry,) and again.dll == MSWSOCK


def test_what_the_catalogue_claims_is_held_against_the_handles() -> None:
    entry = system_catalogue.of_dll(LINES, MSWSOCK)[0]
    plain = replace(entry, flags=entry.flags & ~names.SERVICE_FLAGS["XP1_IFS_HANDLES"])
    found = probe.Probe(MSWSOCK, None, None, (shown(plain),))
    assert found.findings == [
        "tcp4: it does not claim XP1_IFS_HANDLES, and its handles are of the system"
    ]


def test_without_a_catalogue_entries_are_assumed() -> None:
    entry = candidates()[0]
    found = probe.Probe("x.dll", None, None, (shown(entry),))
    assert found.offered[0].assumed.flags & names.SERVICE_FLAGS["XP1_IFS_HANDLES"]
    assert "A catalogue would know better" in probe.assumptions(found)[0]
