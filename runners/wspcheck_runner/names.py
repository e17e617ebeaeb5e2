"""Winsock's names for families, socket types, protocols and service flags."""
from __future__ import annotations

from typing import Mapping

FAMILIES = {
    "AF_UNSPEC": 0,
    "AF_UNIX": 1,
    "AF_INET": 2,
    "AF_IPX": 6,
    "AF_ISO": 7,
    "AF_OSI": 7,
    "AF_DECnet": 12,
    "AF_APPLETALK": 16,
    "AF_NETBIOS": 17,
    "AF_VOICEVIEW": 18,
    "AF_FIREFOX": 19,
    "AF_BAN": 21,
    "AF_ATM": 22,
    "AF_INET6": 23,
    "AF_CLUSTER": 24,
    "AF_12844": 25,
    "AF_IRDA": 26,
    "AF_NETDES": 28,
    "AF_BTH": 32,
    "AF_HYPERV": 34,
    "AF_VSOCK": 40,
}

TYPES = {
    "SOCK_STREAM": 1,
    "SOCK_DGRAM": 2,
    "SOCK_RAW": 3,
    "SOCK_RDM": 4,
    "SOCK_SEQPACKET": 5,
}

PROTOCOLS = {
    "IPPROTO_IP": 0,
    "IPPROTO_ICMP": 1,
    "IPPROTO_TCP": 6,
    "IPPROTO_UDP": 17,
    "ISOPROTO_TP0": 25,
    "ISOPROTO_TP1": 26,
    "ISOPROTO_TP2": 27,
    "ISOPROTO_TP3": 28,
    "ISOPROTO_TP4": 29,
    "IPPROTO_ICMPV6": 58,
    "IPPROTO_RM": 113,
    "IPPROTO_SCTP": 132,
    "IPPROTO_RAW": 255,
}

SERVICE_FLAGS = {
    "XP1_CONNECTIONLESS": 0x1,
    "XP1_GUARANTEED_DELIVERY": 0x2,
    "XP1_GUARANTEED_ORDER": 0x4,
    "XP1_MESSAGE_ORIENTED": 0x8,
    "XP1_PSEUDO_STREAM": 0x10,
    "XP1_GRACEFUL_CLOSE": 0x20,
    "XP1_EXPEDITED_DATA": 0x40,
    "XP1_CONNECT_DATA": 0x80,
    "XP1_DISCONNECT_DATA": 0x100,
    "XP1_SUPPORT_BROADCAST": 0x200,
    "XP1_SUPPORT_MULTIPOINT": 0x400,
    "XP1_MULTIPOINT_CONTROL_PLANE": 0x800,
    "XP1_MULTIPOINT_DATA_PLANE": 0x1000,
    "XP1_QOS_SUPPORTED": 0x2000,
    "XP1_INTERRUPT": 0x4000,
    "XP1_UNI_SEND": 0x8000,
    "XP1_UNI_RECV": 0x10000,
    "XP1_IFS_HANDLES": 0x20000,
    "XP1_PARTIAL_MESSAGE": 0x40000,
    "XP1_SAN_SUPPORT_SDP": 0x80000,
}

# Bytes of the one socket address that these families have.
ADDRESS_SIZES = {"AF_INET": 16, "AF_INET6": 28, "AF_ISO": 72}

DIALECTS = ("windows", "ce")
"""Whose pages a provider follows: those of Windows, or those of Windows CE."""

PLATFORMS = ("windows2000",)
"""The oldest Windows that a provider claims to run on."""


def name_of(value: int, table: Mapping[str, int]) -> str:
    """The first name of a value; the number if it has none."""
    return next((name for name, one in table.items() if one == value), str(value))


def flag_names(flags: int) -> list[str]:
    """The names of the service flags that are set; what has no name as a number."""
    found = [name for name, bit in SERVICE_FLAGS.items() if flags & bit]
    unnamed = flags & ~sum(SERVICE_FLAGS.values())
    return [*found, f"{unnamed:#x}"] if unnamed else found
