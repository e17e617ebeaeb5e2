"""The run's own network."""
from __future__ import annotations

import subprocess

import pytest

from wspcheck_runner import network
from wspcheck_runner.errors import SetupError
from wspcheck_runner.network import Network


def addresses(prefix: list[str]) -> str:
    command = [*prefix, "ip", "-oneline", "address"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_each_worker_has_an_address_on_a_device_of_the_run() -> None:
    own = Network()
    own.open(workers=3)
    try:
        assert own.is_own
        assert [own.address4(n) for n in (1, 3)] == ["127.0.1.1", "127.0.3.1"]
        assert own.address6(3) == "fd77:7370:6368:6b00::3"
        shown = addresses(own.prefix)
        assert f"{own.address6(3)}/128" in shown
        assert " 127.0.3.1/32 " in shown and " ::1/128 " in shown
        assert "eth" not in shown
    finally:
        own.close()
    assert own.prefix == [] and " 127.0.3.1/32 " not in addresses([])


@pytest.mark.parametrize("make", [["no-such-command"], ["false"]])
def test_where_there_can_be_none_all_share_an_address(
    make: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "_KINDS", ((make, []),))
    shared = Network()
    shared.open(workers=3)
    assert not shared.is_own and shared.prefix == []
    assert shared.address4(2) == "127.0.0.1" and shared.address6(2) == "::1"
    shared.close()


def test_a_network_of_the_runs_own_gets_what_a_provider_is_reached_at() -> None:
    own = Network()
    own.open(workers=1)
    try:
        for address in ("10.8.0.2", "fd00:8::2", "10.8.0.2", own.address4(1)):
            own.add(address)
        shown = addresses(own.prefix)
        assert shown.count(" 10.8.0.2/32 ") == 1 and " fd00:8::2/128 " in shown
        with pytest.raises(SetupError, match="its address nowhere: Error: any valid"):
            own.add("nowhere")
    finally:
        own.close()


def test_elsewhere_an_address_has_to_be_the_machines() -> None:
    shared = Network()
    shared.add("127.0.0.1")
    with pytest.raises(SetupError, match="bound to its address 192.0.2.1: Cannot"):
        shared.add("192.0.2.1")
