"""The run's own network."""
from __future__ import annotations

import subprocess

import pytest

from wspcheck_runner import network
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
