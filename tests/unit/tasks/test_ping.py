"""Pings in the convention of healthchecks.io."""

import pytest

from tasks.people.ping import Signal, ping_address


@pytest.mark.parametrize(
    ("signal", "address"),
    [
        ("success", "https://hc-ping.com/uuid?create=1"),
        ("start", "https://hc-ping.com/uuid/start?create=1"),
        ("fail", "https://hc-ping.com/uuid/fail?create=1"),
    ],
)
def test_each_signal_has_its_address(signal: Signal, address: str) -> None:
    assert ping_address("https://hc-ping.com/uuid?create=1", signal) == address
