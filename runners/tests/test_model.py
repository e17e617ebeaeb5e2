"""Random sequences: the reference and the model of a socket's life agree, and a broken
provider is found, shrunk and told as a case."""
from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Iterator

import pytest

from model.driver import Died, Driver
from model.exploration import case_of, explore
from wspcheck_runner import channel, places, profile, requirements

ENTRIES = ["tcp4", "udp4", "isotp", "isotp-stream"]
SEED = 20261122
EXAMPLES = int(os.environ.get("WSPCHECK_MODEL_EXAMPLES", "40"))
"""Sequences a protocol on the reference."""
ENOUGH = 200
"""Sequences in which a broken provider has to be found."""

COMPILER = "x86_64-w64-mingw32-gcc"
SUITE_FOLDERS = ("harness", "host", "peer")


@pytest.fixture(scope="module")
def wine() -> Iterator[channel.Channel]:
    """One network and one server for all of them."""
    here = channel.here()
    here.open(1)
    yield here
    here.close()


def driver_of(wine: channel.Channel, name: str, **variables: str) -> Driver:
    """For a profile, with variables of its own."""
    chosen = profile.load(profile.find("reference"))
    dll = str(places.binaries() / name)
    return Driver(wine, replace(chosen, dll=dll, environment=variables))


@pytest.fixture
def reference(wine: channel.Channel) -> Iterator[Driver]:
    """The reference under the driver."""
    driver = driver_of(wine, "wspref.dll")
    yield driver
    driver.close()


@pytest.mark.parametrize("entry", ENTRIES)
def test_reference_does_what_the_model_says(reference: Driver, entry: str) -> None:
    difference = explore(reference, [entry], EXAMPLES, SEED)
    if difference:
        known = requirements.load()
        pytest.fail(f"{difference}\n\n{case_of(difference, reference, known)}")
    assert reference.starts == 1, "one process for all sequences"


def compiles(case: str, folder: Path) -> None:
    """The case as a file of the suite."""
    name = case.split("SPI_CASE(")[1].split(",")[0]
    source = folder / "sequence.c"
    source.write_text(
        f'#include "spi_case.h"\n#include "peer.h"\n\n{case}\n\n'
        f"SPI_SUITE(sequence_cases, &{name});\n"
    )
    suite = places.REPOSITORY / "conformance"
    folders = [f"-I{suite / one}" for one in SUITE_FOLDERS]
    options = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    done = subprocess.run(
        [COMPILER, *options, *folders, str(source)], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{case}\n{done.stderr}"


@pytest.mark.parametrize(
    "mutant, entry, found",
    [
        ("success_is_one", "tcp4", {"RD-2"}),
        ("shutdown_instead", "isotp", {"RD-6", "RD-14"}),
        ("code_zero", "tcp4", {"RD-7", "RD-10", "RD-12"}),
    ],
)
def test_broken_provider_is_found(
    wine: channel.Channel, tmp_path: Path, mutant: str, entry: str, found: set[str]
) -> None:
    driver = driver_of(wine, "wspmutant.dll", WSPCHECK_MUTANT=mutant)
    difference = explore(driver, [entry], ENOUGH, SEED, steps=12)
    driver.close()
    assert difference, f"{mutant} survives {ENOUGH} sequences"
    case = case_of(difference, driver, requirements.load())
    print(case)
    assert difference.source in found, difference
    assert difference.steps[-1].call.startswith("spi_recv_disconnect("), difference
    assert len(difference.steps) <= 14, f"not shrunk: {case}"
    assert f'.checks = "{difference.source}"' in case
    assert difference.got in case
    compiles(case, tmp_path)


def test_datagram_socket_without_address_or_destination(reference: Driver) -> None:
    """Both were found by sequences: a receive waited for ever, and the code of a send
    was that of a socket that is not bound. No requirement is about them yet."""
    reference.begin("udp4")
    reference.command("socket")
    for receive in ("recv", "recv_from"):
        assert reference.command(receive, 1, 8, 0)["error"] == "WSAEINVAL"
    reference.command("bind", 1)
    assert reference.command("send", 1, "61")["error"] == "WSAENOTCONN"


def test_command_that_cannot_be_obeyed_is_said_to_be_so(reference: Driver) -> None:
    assert "nothing has begun" in reference_answer(reference)
    reference.begin("tcp4")
    for words, reason in [
        (("sock",), "no command"),
        (("recv", 1), "takes 3 arguments"),
        (("bind", 7), "no socket 7"),
        (("bind", "x"), "no number"),
        (("peer_sends", 1, "61"), "no peer 1"),
    ]:
        assert reason in str(reference.command(*words)["blocked"])
    assert reference.command("socket")["socket"] == 1


def reference_answer(reference: Driver) -> str:
    """What a command is answered before the first sequence."""
    reference.start()
    return str(reference.command("socket")["blocked"])


def test_what_a_sequence_leaves_open_is_closed_before_the_next(
    reference: Driver,
) -> None:
    for _ in range(3):
        assert "finding" not in reference.begin("isotp")
        assert reference.command("socket")["socket"] == 1
        reference.command("bind", 1)
        reference.command("listen", 1)


def test_process_that_ends_is_told_and_replaced(wine: channel.Channel) -> None:
    driver = driver_of(wine, "crashing.dll")
    driver.begin("tcp4")
    with pytest.raises(Died, match="crash"):
        driver.command("recv_disconnect", 0, "null")
    driver.begin("tcp4")
    assert driver.starts == 2
    driver.close()
