"""Files in the format pcapng: a sequence of blocks, of which those of packets can be
picked without a look inside."""
from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Collection, Iterator, NamedTuple, Optional

from .packet import Mark

MARK = b'{"wspcheck":1,'
"""How the payload of a mark begins."""

_SECTION, _ENHANCED, _SIMPLE = 0x0A0D0D0A, 6, 3
_BYTE_ORDER = 0x1A2B3C4D
_HEAD = struct.Struct("<II")
_LEAST = 12


class Damaged(Exception):
    """The file is no pcapng file, or of a kind that dumpcap here does not write."""


class Block(NamedTuple):
    """A block of the file."""

    octets: bytes
    is_packet: bool


def blocks(octets: bytes) -> Iterator[Block]:
    """The blocks that are complete; the last may still be being written."""
    offset = 0
    while offset + _LEAST <= len(octets):
        kind, size = _HEAD.unpack_from(octets, offset)
        if offset == 0 or kind == _SECTION:
            _expect_section(octets, offset)
        if size < _LEAST or size % 4:
            raise Damaged(f"a block of {size} bytes at offset {offset}")
        if offset + size > len(octets):
            return
        block = octets[offset : offset + size]
        yield Block(block, is_packet=kind in (_ENHANCED, _SIMPLE))
        offset += size


def _expect_section(octets: bytes, offset: int) -> None:
    kind, _, order = struct.unpack_from("<III", octets, offset)
    if (kind, order) != (_SECTION, _BYTE_ORDER):
        raise Damaged("it does not begin as a little-endian pcapng file")


def cut(octets: bytes, numbers: Collection[int]) -> bytes:
    """A file of the packets with these numbers, counted from 1, and of all that is said
    about interfaces."""
    kept = bytearray()
    number = 0
    for block in blocks(octets):
        number += block.is_packet
        if not block.is_packet or number in numbers:
            kept += block.octets
    return bytes(kept)


def marks(octets: bytes) -> Iterator[Mark]:
    """The marks in the packets. Nothing is dissected: whoever sends what begins like a
    mark has to know the nonce."""
    for block in blocks(octets):
        if block.is_packet:
            start = block.octets.find(MARK)
            mark = parsed(block.octets[start:]) if start >= 0 else None
            if mark:
                yield mark


def parsed(payload: bytes) -> Optional[Mark]:
    """The mark that a payload begins with, if it does."""
    if not payload.startswith(MARK):
        return None
    try:
        text = payload.decode("utf-8", "replace")
        data, _ = json.JSONDecoder().raw_decode(text)
        return Mark(
            nonce=str(data.pop("nonce", "")),
            entry=str(data.pop("entry")),
            case=str(data.pop("case")),
            name=str(data.pop("mark")),
            text=str(data.pop("text", "")),
            more=data,
        )
    except (ValueError, KeyError):
        return None


def read(file: Path) -> bytes:
    """The file's octets; none if there is no such file yet."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
