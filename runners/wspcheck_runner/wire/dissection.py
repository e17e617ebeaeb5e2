"""Captures as tshark reads them, which shares no code with the project."""
from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from pathlib import Path
from typing import Collection, Mapping, Optional

from . import pcapng
from .packet import Endpoint, Icmp, Packet, Segment, Tpdu

LIMIT_S = 120
TYPES = {0x0E: "CR", 0x0D: "CC", 0x08: "DR", 0x0C: "DC", 0x0F: "DT"}

_FIELDS = (
    "frame.number frame.time_epoch frame.len ip.src ip.dst ipv6.src ipv6.dst "
    "tcp.stream tcp.srcport tcp.dstport tcp.flags tcp.seq tcp.ack tcp.len "
    "tcp.window_size tcp.window_size_scalefactor "
    "udp.srcport udp.dstport udp.length udp.payload "
    "icmp.type icmp.code icmpv6.type icmpv6.code _ws.col.Protocol _ws.malformed "
    "tpkt.length cotp.li cotp.type cotp.destref cotp.srcref cotp.cause cotp.class "
    "cotp.eot data.data"
).split()

_GUESSES = ("t125", "ses", "s7comm", "mms", "h1", "smb", "atn-ulcs", "rdp")
"""Protocols for which tshark takes user data that happen to look like theirs."""

_HAS = {
    "CR": ("destref", "srcref", "class"),
    "CC": ("destref", "srcref", "class"),
    "DR": ("destref", "srcref", "cause"),
    "DC": ("destref", "srcref"),
    "DT": ("destref", "eot"),
}
"""Of which of its fields tshark shows one for each TPDU of a type."""


class Unreadable(Exception):
    """The capture cannot be read."""


class _Unclear(Exception):
    """A TPDU of which not all is shown."""


def packets(file: Path, iso_ports: Collection[int] = ()) -> list[Packet]:
    """All packets of a file. TCP connections from or to these ports carry the ISO
    transport."""
    options = [part for port in sorted(iso_ports) for part in _as_iso(port)]
    for guess in _GUESSES:
        options += ["--disable-protocol", guess]
    for field in _FIELDS:
        options += ["-e", field]
    text = _tshark(file, "-T", "fields", "-E", "occurrence=a", *options)
    return [_packet(line) for line in text.split("\n") if line]


def iso_ports(file: Path) -> set[int]:
    """The ports that TCP connections of a file were made to, for a reader who knows
    that they are the ISO transport's."""
    calls = "tcp.flags.syn == 1 && tcp.flags.ack == 0"
    text = _tshark(file, "-Y", calls, "-T", "fields", "-e", "tcp.dstport")
    return {int(line) for line in text.split()}


def _as_iso(port: int) -> tuple[str, str]:
    return "-d", f"tcp.port=={port},tpkt"


def _packet(line: str) -> Packet:
    shown = dict(zip(_FIELDS, line.split("\t"), strict=True))
    all_of = {name: value.split(",") for name, value in shown.items() if value}
    first = {name: values[0] for name, values in all_of.items()}
    segment = _segment(first) if "tcp.stream" in first else None
    icmp = _icmp(first, all_of)
    payload = bytes.fromhex(first.get("udp.payload", "").replace(":", ""))
    is_udp = "udp.length" in first and not icmp
    tpdus, unclear = _tpdus(all_of)
    return Packet(
        number=int(first["frame.number"]),
        time=float(first["frame.time_epoch"]),
        source=_endpoint(first, "src", icmp),
        destination=_endpoint(first, "dst", icmp),
        protocol=_protocol(first, segment, icmp, is_udp),
        length=int(first["udp.length"]) - 8 if is_udp else 0,
        segment=segment,
        icmp=icmp,
        tpdus=tpdus,
        unclear=unclear,
        understood=sum(map(int, all_of.get("tpkt.length", ()))),
        mark=pcapng.parsed(payload) if is_udp else None,
        is_malformed="_ws.malformed" in first,
    )


def _protocol(
    first: Mapping[str, str],
    segment: Optional[Segment],
    icmp: Optional[Icmp],
    is_udp: bool,
) -> str:
    if icmp:
        return icmp.protocol
    if segment:
        return "TCP"
    return "UDP" if is_udp else first.get("_ws.col.Protocol", "unknown")


def _endpoint(first: Mapping[str, str], end: str, icmp: Optional[Icmp]) -> Endpoint:
    """The ports that tshark shows of an ICMP error are those of the packet in it."""
    address = first.get(f"ip.{end}") or first.get(f"ipv6.{end}") or ""
    port = first.get(f"tcp.{end}port") or first.get(f"udp.{end}port") or "0"
    return Endpoint(address, 0 if icmp else int(port))


def _segment(first: Mapping[str, str]) -> Segment:
    is_scaled = first.get("tcp.window_size_scalefactor") != "-1"
    return Segment(
        stream=int(first["tcp.stream"]),
        flags=int(first["tcp.flags"], 16),
        seq=int(first["tcp.seq"]),
        ack=int(first.get("tcp.ack", 0)),
        length=int(first["tcp.len"]),
        window=int(first["tcp.window_size"]) if is_scaled else None,
    )


def _icmp(first: Mapping[str, str], all_of: Mapping[str, list[str]]) -> Optional[Icmp]:
    for field, name in (("icmp", "ICMP"), ("icmpv6", "ICMPv6")):
        if f"{field}.type" in first:
            addresses = all_of.get("ip.dst" if name == "ICMP" else "ipv6.dst", [])
            ports = first.get("udp.dstport") or first.get("tcp.dstport")
            about = None
            if len(addresses) > 1 and ports:
                about = Endpoint(addresses[1], int(ports))
            code = int(first.get(f"{field}.code", 0))
            return Icmp(name, int(first[f"{field}.type"]), code, about)
    return None


def _tpdus(all_of: Mapping[str, list[str]]) -> tuple[tuple[Tpdu, ...], str]:
    """A line holds the fields of all TPDUs of a packet side by side: which belongs to
    which follows from the types; how much user data there are, from the lengths. With
    them, what cannot be told of them."""
    shown = {name: deque(values) for name, values in all_of.items()}
    found = []
    for number in all_of.get("cotp.type", ()):
        kind = TYPES.get(int(number, 0), number)
        try:
            found.append(_tpdu(kind, shown))
        except _Unclear as reason:
            return tuple(found), f"{reason} of a {kind}"
    return tuple(found), ""


def _tpdu(kind: str, shown: Mapping[str, deque[str]]) -> Tpdu:
    fields = {name: int(_next(shown, f"cotp.{name}"), 0) for name in _HAS.get(kind, ())}
    size = int(_next(shown, "tpkt.length")) - 4 - 1 - int(_next(shown, "cotp.li"))
    data = bytes.fromhex(_next(shown, "data.data")) if size else b""
    if len(data) != size:
        raise _Unclear(f"only {len(data)} of {size} bytes of data were captured")
    return Tpdu(
        type=kind,
        data=data,
        to=fields.get("destref"),
        by=fields.get("srcref"),
        cause=fields.get("cause"),
        class_=fields.get("class"),
        ends_message=fields.get("eot"),
    )


def _next(shown: Mapping[str, deque[str]], field: str) -> str:
    values = shown.get(field)
    if not values:
        raise _Unclear(f"tshark shows no {field}")
    return values.popleft()


def _tshark(file: Path, *arguments: str) -> str:
    """What it prints, with nobody's preferences."""
    try:
        done = subprocess.run(
            ["tshark", "-n", "-r", str(file), *arguments],
            env={**os.environ, "WIRESHARK_CONFIG_DIR": str(file.parent)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreadable(f"tshark: {error}") from error
    if done.returncode != 0:
        said = re.sub(r"^Running as user.*\n", "", done.stderr).strip()
        raise Unreadable(f"tshark ends with {done.returncode}: {said[-300:]}")
    return done.stdout
