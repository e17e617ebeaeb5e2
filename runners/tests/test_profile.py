"""Profiles say what is wrong with them in one line."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Optional

import pytest

from wspcheck_runner import places, profile
from wspcheck_runner.errors import SetupError

GOOD = """\
name = "mine"
title = "My provider"
dll = "./mine.dll"

[[entry]]
id = "tcp4"
family = "AF_INET"
type = "SOCK_STREAM"
protocol = "IPPROTO_TCP"
flags = ["XP1_GUARANTEED_DELIVERY", "XP1_IFS_HANDLES"]
catalog_id = 1001
guid = "{e70f1aa0-ab8b-11cf-8ca3-00805f48a192}"
name = "Mine, TCP"

[[entry]]
id = "odd"
family = 44
type = "SOCK_DGRAM"
protocol = 300
flags = []
min_addr = 8
max_addr = 12
"""


def write(folder: Path, text: str) -> Path:
    (folder / "mine.dll").write_bytes(b"MZ")
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def test_entries_are_told_to_the_suite_with_their_constants_resolved(
    tmp_path: Path,
) -> None:
    one = profile.load(write(tmp_path, GOOD))
    assert one.dll == str(tmp_path / "mine.dll")
    assert [entry.spec() for entry in one.entries] == [
        "id=tcp4,af=2,type=1,protocol=6,flags=0x20002,message_size=0,min_addr=16,"
        "max_addr=16,catalog_id=1001,guid={e70f1aa0-ab8b-11cf-8ca3-00805f48a192},"
        "name=Mine, TCP",
        "id=odd,af=44,type=2,protocol=300,flags=0x0,message_size=0,min_addr=8,"
        "max_addr=12,name=odd",
    ]


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ('"mine"', '"mine', r"mine.toml: not valid TOML: .*line 1"),
        ('"mine"\n', '"my own"\n', r"mine.toml:1: .*letters"),
        ('"./mine.dll"', '"./other.dll"', r"mine.toml:3: .*no file .*other.dll"),
        ('"./mine.dll"', '"other.dll"', r"mine.toml:3: .*no file .*other.dll"),
        ("./mine.dll", "", r'mine.toml:3: "dll" is empty'),
        ('dll = "./mine.dll"\n', "", r'mine.toml: the key "dll" is missing'),
        ("title", "titel", r'mine.toml:2: unknown key "titel"; .*"?title"?'),
        ("family = 44", "familly = 44", r'number 2: the key "family" is missing'),
        ("catalog_id", "catalogue", r':11: .*unknown key "catalogue"; .*catalog_id'),
        ("AF_INET", "AF_INTE", r':7: .* unknown name "AF_INTE"; .*AF_INET'),
        ("XP1_IFS_HANDLES", "XP1_IFS", r':10: .*"XP1_IFS"; .*XP1_IFS_HANDLES'),
        ('"odd"', '"tcp4"', r":16: .*taken twice"),
        ("max_addr = 12", "", r'number 2: the key "max_addr" is missing'),
        ("300", "-1", r':19: .*"protocol" is not a whole number'),
        ("1001", '"1001"', r':11: .*"catalog_id" is not a whole number'),
        ("48a192}", "48a19}", r':12: .*"guid" is not of the form'),
        ("flags = []", 'flags = ["A", 1]', r":20: .*not a list of texts"),
        ("flags = []", 'flags = "A"', r":20: .*not a list"),
        ('title = "My provider"', "faults = 1", ':2: "faults" is not true or false'),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in GOOD
    with pytest.raises(SetupError, match=complaint):
        profile.load(write(tmp_path, GOOD.replace(old, new, 1)))


def test_a_profile_without_entries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no .*entry"):
        profile.load(write(tmp_path, GOOD[: GOOD.index("[[entry]]")]))


def test_a_binary_file_is_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff\xfeMZ")
    with pytest.raises(SetupError, match="not a text file"):
        profile.load(path)


def test_a_dll_may_be_named_as_windows_knows_it(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace('"./mine.dll"', r"'C:\windows\x.dll'"))
    assert profile.load(path).dll == r"C:\windows\x.dll"


def test_names_mean_the_profiles_here_and_near_ones_are_proposed() -> None:
    assert profile.find("reference") == places.PROFILES / "reference.toml"
    with pytest.raises(SetupError, match='no profile "refrence"; did you mean ref'):
        profile.find("refrence")
    with pytest.raises(SetupError, match='no profile file "x/y.toml"'):
        profile.find("x/y.toml")


def test_a_bare_name_is_beside_the_profile_or_built_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "built"
    built.mkdir()
    monkeypatch.setattr(places, "binaries", lambda: built)
    (built / "bare.dll").write_bytes(b"MZ")
    path = write(tmp_path, GOOD.replace("./mine.dll", "bare.dll"))
    assert profile.load(path).dll == str(built / "bare.dll")
    (path.parent / "bare.dll").write_bytes(b"MZ")
    assert profile.load(path).dll == str(path.parent / "bare.dll")


def test_variables_reach_the_process(tmp_path: Path) -> None:
    written = GOOD + '\n[environment]\nACME_MODE = "strict"\n'
    one = profile.load(write(tmp_path, written))
    assert one.environment == {"ACME_MODE": "strict"}
    wrong = GOOD + "\n[environment]\nACME_MODE = 1\n"
    with pytest.raises(SetupError, match='"ACME_MODE" is not a text'):
        profile.load(write(tmp_path, wrong))


OWN = '[addresses]\nipv4 = "10.8.0.2"\nipv6 = "FD00:8:0::2"'


def with_table(text: str) -> str:
    """A profile with something before its entries, from line 4 on."""
    return GOOD.replace("\n[[entry]]", f"{text}\n\n[[entry]]", 1)


def test_a_provider_may_have_addresses_of_its_own(tmp_path: Path) -> None:
    assert profile.load(write(tmp_path, GOOD)).own_addresses == []
    one = profile.load(write(tmp_path, with_table(OWN)))
    assert (one.address4, one.address6) == ("10.8.0.2", "fd00:8::2")


@pytest.mark.parametrize(
    "key, value, complaint",
    [
        ("ipv4", '"10.8.0"', '"ipv4" is not an IPv4 address'),
        ("ipv4", '"::1"', '"ipv4" is not an IPv4 address'),
        ("ipv4", '"0.0.0.0"', '"ipv4": 0.0.0.0 is a wildcard address'),
        ("ipv4", '"224.0.0.1"', '"ipv4": 224.0.0.1 is a multicast address'),
        ("ipv4", '"255.255.255.255"', '"ipv4": 255.255.255.255 is a broadcast address'),
        ("ipv4", "10", '"ipv4" is not a text in quotes'),
        ("ipv6", '"10.8.0.2"', '"ipv6" is not an IPv6 address'),
        ("ipv6", '"::"', '"ipv6": :: is a wildcard address'),
        ("ipv6", '"ff02::1"', '"ipv6": ff02::1 is a multicast address'),
        ("ipv6", '"fe80::1"', '"ipv6": fe80::1 is a link-local address'),
        ("ipv5", '"10.8.0.2"', 'unknown key "ipv5"'),
    ],
)
def test_addresses_at_which_nothing_is_reached_are_refused(
    tmp_path: Path, key: str, value: str, complaint: str
) -> None:
    line = f"{key} = {value}"
    for text, number in (
        (f"[addresses]\n{line}", 5),
        (f"addresses = {{ {line} }}", 4),
        (f"addresses.{line}", 4),
    ):
        wanted = re.escape(f":{number}: [addresses]: {complaint}")
        with pytest.raises(SetupError, match=f"mine.toml{wanted}"):
            profile.load(write(tmp_path, with_table(text)))


def test_a_layer_is_reached_where_its_base_is_unless_it_says_otherwise(
    tmp_path: Path,
) -> None:
    write(tmp_path, with_table(OWN)).rename(tmp_path / "base.toml")
    layer = 'name = "layer"\ndll = "./mine.dll"\nbase = "base.toml"\n'
    one = profile.load(write(tmp_path, layer))
    assert one.own_addresses == ["10.8.0.2", "fd00:8::2"]
    one = profile.load(write(tmp_path, layer + 'addresses.ipv4 = "10.9.0.2"\n'))
    assert one.own_addresses == ["10.9.0.2", "fd00:8::2"]


def test_a_layer_does_not_claim_the_fault_extension_of_its_base(tmp_path: Path) -> None:
    base = write(tmp_path, with_table("faults = true"))
    assert profile.load(base).faults
    layer = tmp_path / "layer.toml"
    layer.write_text('name = "layer"\ndll = "./mine.dll"\nbase = "mine.toml"\n')
    assert base.name == "mine.toml" and not profile.load(layer).faults


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("case_s = 0", '"case_s" is not a number from 0.1 to 3600'),
        ("case_s = nan", '"case_s" is not a number from 0.1 to 3600'),
        ('case_s = "30"', '"case_s" is not a number from 0.1 to 3600'),
        ("jobs = 0", '"jobs" is 0'),
        ("jobs = 1.5", '"jobs" is not a whole number'),
        ("job = 1", 'unknown key "job"'),
    ],
)
def test_limits_that_are_none_are_refused(
    tmp_path: Path, line: str, complaint: str
) -> None:
    wanted = re.escape(f":5: [limits]: {complaint}")
    with pytest.raises(SetupError, match=f"mine.toml{wanted}"):
        profile.load(write(tmp_path, with_table(f"[limits]\n{line}")))


@pytest.mark.parametrize(
    "base, layer, case_s, most_processes",
    [
        ("", "", None, None),
        ("case_s = 30\njobs = 2", "", 30.0, 2),
        ("case_s = 30\njobs = 2", "case_s = 0.5\njobs = 1", 0.5, 1),
        ("jobs = 2", "jobs = 3", None, 2),
        ("", "case_s = 20\njobs = 3", 20.0, 3),
    ],
)
def test_a_layer_has_the_limits_of_its_base_too(
    tmp_path: Path,
    base: str,
    layer: str,
    case_s: Optional[float],
    most_processes: Optional[int],
) -> None:
    write(tmp_path, with_table(f"[limits]\n{base}"))
    path = tmp_path / "layer.toml"
    head = 'name = "layer"\ndll = "./mine.dll"\nbase = "mine.toml"\n'
    path.write_text(f"{head}[limits]\n{layer}\n")
    one = profile.load(path)
    assert (one.case_s, one.most_processes) == (case_s, most_processes)
