"""The pace of one host: shares, turns, back-off and the breaker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraping.pacing.rules import HostAsk, HostState

LEASE = 15.0


def ask(want: int = 16, per_host: int = 16, interval_s: float = 0.0, in_flight: int = 0) -> HostAsk:
    """Return what a batch asks of the host."""
    return HostAsk("shop.example", want, per_host, interval_s, in_flight)


def test_the_first_batch_gets_all_connections_and_shares_when_it_renews() -> None:
    host = HostState()
    assert host.enter("a", ask(), LEASE, 0).connections == 16
    assert host.enter("b", ask(), LEASE, 1).connections == 0
    assert host.enter("a", ask(), LEASE, 2).connections == 8
    assert host.enter("b", ask(), LEASE, 3).connections == 8


def test_connections_on_the_wire_are_not_given_away() -> None:
    host = HostState()
    host.enter("a", ask(), LEASE, 0)
    host.enter("b", ask(), LEASE, 1)
    assert host.enter("a", ask(in_flight=16), LEASE, 2).connections == 8
    assert host.enter("b", ask(), LEASE, 3).connections == 0
    host.enter("a", ask(in_flight=8), LEASE, 4)
    assert host.enter("b", ask(), LEASE, 5).connections == 8


def test_a_dead_batch_s_connections_come_back() -> None:
    host = HostState()
    host.enter("a", ask(), LEASE, 0)
    assert host.enter("b", ask(), LEASE, LEASE + 1).connections == 16


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.integers(1, 40), st.floats(0, 3)), min_size=1, max_size=60
    ),
    st.integers(1, 32),
)
def test_the_fleet_never_holds_more_than_the_limit(
    moves: list[tuple[str, int, float]], per_host: int
) -> None:
    host, now = HostState(), 0.0
    for token, want, later in moves:
        now += later
        host.enter(token, ask(want, per_host), LEASE, now)
        assert sum(granted for ends, granted, _ in host.leases.values() if ends > now) <= per_host


@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 5)), min_size=1, max_size=40), st.floats(0.01, 2))
def test_turns_are_never_closer_than_the_interval(moves: list[tuple[int, float]], interval_s: float) -> None:
    host, now, last = HostState(), 0.0, -1e9
    for count, later in moves:
        now += later
        turns = host.reserve(count, interval_s, 2.0, 1e9, now)
        assert 1 <= turns.count <= max(1, 2.0 / interval_s)
        assert now + turns.wait_s - last >= interval_s - 1e-6
        last = now + turns.wait_s + (turns.count - 1) * turns.interval_s


def test_no_turn_is_reserved_beyond_the_horizon() -> None:
    host = HostState()
    host.reserve(1, 10.0, 2.0, 60, 0)
    refused = host.reserve(1, 10.0, 2.0, 5, 0)
    assert (refused.count, refused.wait_s) == (0, 10.0)
    assert host.reserve(1, 10.0, 2.0, 60, 0).wait_s == 10.0


def test_a_refusal_halves_the_rate_once_for_all_that_come_at_one_moment() -> None:
    host = HostState()
    for _ in range(16):
        slowed = host.slow(0, 0.1, 50.0, 100.0)
    assert slowed.interval_s == pytest.approx(0.2)
    assert host.slow(0, 0.1, 50.0, 102.0).interval_s == pytest.approx(0.4)


def test_the_rate_comes_back_step_by_step_and_the_limit_goes() -> None:
    host = HostState()
    host.slow(0, 0.0, 20.0, 0.0)
    rates = [1 / host.interval(0.0, at) if host.interval(0.0, at) else None for at in (0, 5, 25, 74, 76)]
    assert rates == [pytest.approx(10), pytest.approx(12), pytest.approx(20), pytest.approx(38), None]


def test_retry_after_holds_the_host_for_everyone() -> None:
    host = HostState()
    host.slow(30.0, 0.0, 20.0, 0.0)
    assert host.enter("b", ask(), LEASE, 10.0).hold_s == pytest.approx(20.0)
    assert host.reserve(1, 0.0, 2.0, 5.0, 10.0).count == 0


def test_enough_failures_in_a_row_open_the_breaker_longer_each_time() -> None:
    host = HostState()
    assert [host.fault(3, 15.0, 0.0) for _ in range(3)] == [0.0, 0.0, 15.0]
    assert host.enter("a", ask(), LEASE, 1.0).open_s == 14.0
    probe = host.enter("a", ask(), LEASE, 16.0)
    assert (probe.connections, probe.open_s) == (1, 0.0)
    assert host.enter("b", ask(), LEASE, 17.0).open_s > 0
    host.fault(3, 15.0, 18.0)
    assert host.fault(3, 15.0, 18.0) == 30.0


def test_an_answer_closes_the_breaker() -> None:
    host = HostState()
    for _ in range(3):
        host.fault(3, 15.0, 0.0)
    host.answered()
    assert host.enter("a", ask(), LEASE, 1.0).open_s == 0.0
    assert host.fault(3, 15.0, 2.0) == 0.0
