"""The JSON schema of profiles, the loader and docs/profile.md say the same."""
from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemas
from conftest import wspcheck
from test_profile import GOOD, write

from wspcheck_runner import names, places, profile
from wspcheck_runner.errors import SetupError

LAYER = f"""\
name = "layer"
dll = "mine.dll"
base = "reference"
guid = "{{8C1D2F60-4e0b-4a39-9d53-0f6b7a2c9e01}}"
ifs_handles = true
dialect = "windows"
platform = "windows2000"
environment = {{ ONE = "1", TWO = "" }}
addresses = {{ ipv6 = "fd00:8::2" }}
faults = true
limits = {{ jobs = 2 }}

[[entry]]
id = "tcp4"
name = "Layered TCP"
flags = {json.dumps([*names.SERVICE_FLAGS, "0xfff00000"])}
catalog_id = 0
guid = "{{8c1d2f60-4e0b-4a39-9d53-0f6b7a2c9e01}}"
"""


def schema() -> Any:
    path = places.SCHEMAS / "profile.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def loader_takes(path: Path) -> bool:
    try:
        profile.load(path)
    except SetupError:
        return False
    return True


def schema_takes(path: Path) -> bool:
    try:
        schemas.validate("profile", tomllib.loads(path.read_text(encoding="utf-8")))
    except jsonschema.ValidationError:
        return False
    return True


@pytest.mark.parametrize("path", sorted(places.PROFILES.glob("*.toml")), ids=str)
def test_profiles_of_ours_are_as_the_schema_says(path: Path) -> None:
    assert schema_takes(path)


@pytest.mark.parametrize("base", [(), ("--base", "wine-winsock")])
def test_a_profile_that_is_made_is_as_the_schema_says(
    tmp_path: Path, base: tuple[str, ...]
) -> None:
    made = tmp_path / "made.toml"
    done = wspcheck("probe", "wsbridge.dll", *base, "--write-profile", str(made))
    assert made.is_file(), done.stdout + done.stderr
    assert schema_takes(made) and loader_takes(made)


@pytest.mark.parametrize(
    "old, new",
    [
        ("AF_INET", "AF_OSI"),
        ('"AF_INET"', "23"),
        ("44", '"AF_ISO"\n#'),
        ('"SOCK_STREAM"', "7"),
        ("300", '"ISOPROTO_TP4"'),
        ("flags = []", 'flags = ["0x1", "XP1_UNI_SEND"]'),
        ("flags = []", "flags = []\nmessage_size = 1"),
        ('title = "My provider"', 'baseline = "mine.dll"'),
        ('title = "My provider"', 'baseline = ""'),
        ('title = "My provider"', 'base = ""'),
        ('title = "My provider"', 'platform = ""\ndialect = "ce"'),
        ('title = "My provider"', "faults = true"),
        ('title = "My provider"', "limits = {}"),
        ('title = "My provider"', "limits = { case_s = 0.1, jobs = 1 }"),
        ('title = "My provider"', "limits = { case_s = 3600 }"),
        ('title = "My provider"', "addresses = {}"),
        ('title = "My provider"', 'addresses = { ipv4 = "10.8.0.2" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "FD00:8:0::0a08:2" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "ff::1" }'),
        ('"mine"', '"m.i-n_e2"'),
    ],
)
def test_both_take_what_is_right(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    assert loader_takes(path) and schema_takes(path)


@pytest.mark.parametrize(
    "old, new",
    [
        ('name = "mine"', 'name = "my own"'),
        ('name = "mine"', "name = 1"),
        ('name = "mine"', 'name = "mine\\n"'),
        ('name = "mine"\n', ""),
        ('dll = "./mine.dll"\n', ""),
        ("./mine.dll", ""),
        ("My provider", ""),
        ("title", "titel"),
        ('title = "My provider"', 'guid = "{e70f1aa0-ab8b-11cf-8ca3-00805f48a192}"'),
        ('title = "My provider"', "ifs_handles = true"),
        ('title = "My provider"', 'dialect = "mac"'),
        ('title = "My provider"', 'dialect = ""'),
        ('title = "My provider"', 'platform = "windows3"'),
        ('title = "My provider"', 'environment = "A=1"'),
        ('title = "My provider"', "environment = { A = 1 }"),
        ('title = "My provider"', "baseline = 1"),
        ('title = "My provider"', "limits = 30"),
        ('title = "My provider"', 'limits = { case_s = "30" }'),
        ('title = "My provider"', "limits = { case_s = true }"),
        ('title = "My provider"', "limits = { case_s = 0 }"),
        ('title = "My provider"', "limits = { case_s = inf }"),
        ('title = "My provider"', "limits = { jobs = 0 }"),
        ('title = "My provider"', "limits = { jobs = 1.5 }"),
        ('title = "My provider"', "limits = { job = 1 }"),
        ('title = "My provider"', "faults = 1"),
        ('title = "My provider"', 'faults = "yes"'),
        ('title = "My provider"', 'addresses = "10.8.0.2"'),
        ('title = "My provider"', "addresses = { ipv4 = 10 }"),
        ('title = "My provider"', 'addresses = { ipv4 = "" }'),
        ('title = "My provider"', 'addresses = { ipv4 = "10.8.2" }'),
        ('title = "My provider"', 'addresses = { ipv4 = "fd00:8::2" }'),
        ('title = "My provider"', 'addresses = { ipv4 = "0.0.0.0" }'),
        ('title = "My provider"', 'addresses = { ipv4 = "239.255.0.1" }'),
        ('title = "My provider"', 'addresses = { ipv4 = "255.255.255.255" }'),
        ('title = "My provider"', 'addresses = { ipv5 = "10.8.0.2" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "10.8.0.2" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "0::0" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "ff02::1" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "fe80::1" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "fe80::1%2" }'),
        ('title = "My provider"', 'addresses = { ipv6 = "fd00::1%2" }'),
        (GOOD[GOOD.index("[[entry]]") :], ""),
        (GOOD[GOOD.index("[[entry]]") :], "[entry]\nid = 'tcp4'"),
        (GOOD[GOOD.index("[[entry]]") :], "entry = []"),
        ('id = "odd"', 'id = "o d"'),
        ('id = "odd"\n', ""),
        ('"AF_INET"', '"AF_INTE"'),
        ('"AF_INET"', "true"),
        ('"AF_INET"', "2.5"),
        ('"AF_INET"', '"44"'),
        ("family = 44", "familly = 44"),
        ("300", "-1"),
        ('"SOCK_DGRAM"', "[2]"),
        ("max_addr = 12", ""),
        ("max_addr = 12", 'max_addr = "12"'),
        ("max_addr = 12", "max_addr = 12\nmessage_size = -1"),
        ("catalog_id", "catalogue"),
        ("1001", '"1001"'),
        ("1001", "false"),
        ("48a192}", "48a19}"),
        ("Mine, TCP", "Mine\\nTCP"),
        ("Mine, TCP", ""),
        ("flags = []\n", ""),
        ("flags = []", 'flags = ["A", 1]'),
        ("flags = []", 'flags = ["XP1_IFS"]'),
        ("flags = []", 'flags = ["0x123456789"]'),
        ("flags = []", 'flags = "XP1_IFS_HANDLES"'),
    ],
)
def test_both_refuse_what_is_wrong(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    assert not loader_takes(path) and not schema_takes(path)


@pytest.mark.parametrize(
    "old, new, is_right",
    [
        ("", "", True),
        (LAYER[LAYER.index("[[entry]]") :], "", True),
        (LAYER[LAYER.index('name = "Layered') :], "", True),
        ('base = "reference"', 'base = ""', False),
        ('base = "reference"', "base = 1", False),
        ("ifs_handles = true", 'ifs_handles = "yes"', False),
        ("{8C1D2F60", "{8C1D2F6", False),
        ('name = "Layered TCP"', 'family = "AF_INET"', False),
        ('name = "Layered TCP"', "min_addr = 16", False),
        ('id = "tcp4"', "", False),
    ],
)
def test_both_judge_layers_alike(
    tmp_path: Path, old: str, new: str, is_right: bool
) -> None:
    assert old in LAYER
    path = write(tmp_path, LAYER.replace(old, new, 1))
    assert [loader_takes(path), schema_takes(path)] == [is_right, is_right]


def test_the_names_are_those_of_the_loader() -> None:
    """All of them: a new one has to be entered in the schema, too."""
    described = schema()
    entry = described["$defs"]["protocol"]
    flags = described["$defs"]["flags"]["items"]["anyOf"][0]["enum"]
    assert set(flags) == set(names.SERVICE_FLAGS)
    tables = {
        "family": names.FAMILIES,
        "type": names.TYPES,
        "protocol": names.PROTOCOLS,
    }
    for key, table in tables.items():
        assert set(entry["properties"][key]["anyOf"][0]["enum"]) == set(table)
    codes = {names.FAMILIES[one] for one in names.ADDRESS_SIZES}
    aliases = {one for one, code in names.FAMILIES.items() if code in codes}
    assert set(entry["if"]["properties"]["family"]["enum"]) == codes | aliases
    assert tuple(described["properties"]["dialect"]["enum"]) == names.DIALECTS
    assert set(described["properties"]["platform"]["enum"]) == {"", *names.PLATFORMS}


def test_the_page_has_every_key() -> None:
    page = (places.REPOSITORY / "docs" / "profile.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    described = schema()
    keys = described["properties"]
    assert {
        heading: set(re.findall(r"^\| `(\w+)` \|", text, re.M))
        for heading, text in sections
    } == {
        "The provider": set(keys),
        "Addresses": set(keys["addresses"]["properties"]),
        "Limits": set(keys["limits"]["properties"]),
        "An entry": set(described["$defs"]["protocol"]["properties"]),
    }
