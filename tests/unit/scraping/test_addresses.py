"""Which addresses may be connected to."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraping.http.addresses import is_public, may_connect, parse_address, parse_allowed


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00::1"],
)
def test_the_public_internet_may_be_connected_to(address: str) -> None:
    assert may_connect(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::a9fe:a9fe", "224.0.0.1", "fec0::1", "168.63.129.16", "2002:7f00:1::", "100.100.100.200",
        "::ffff:10.0.0.1", "::1", "::", "fe80::1%eth0", "no address",
    ],
)  # fmt: skip
def test_what_is_global_calls_us_to_is_still_refused(address: str) -> None:
    assert not may_connect(address, ())


@given(st.ip_addresses())
def test_nothing_that_ipaddress_calls_private_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    reached = parse_address(str(address))
    if reached.is_private or reached.is_multicast or reached.is_reserved or reached.is_link_local:
        assert not is_public(reached)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_its_mapped_form(address: ipaddress.IPv4Address) -> None:
    assert may_connect(f"::ffff:{address}", ()) == may_connect(str(address), ())


def test_named_networks_open_only_themselves() -> None:
    allowed = parse_allowed("127.0.0.0/8, ::1/128,10.1.2.3")
    assert may_connect("127.9.9.9", allowed)
    assert may_connect("::1", allowed)
    assert may_connect("10.1.2.3", allowed)
    assert may_connect("::ffff:127.0.0.1", allowed)
    assert not may_connect("10.1.2.4", allowed)
    assert not may_connect("169.254.169.254", allowed)


def test_nothing_named_allows_nothing() -> None:
    assert parse_allowed("") == ()


def test_a_part_that_is_neither_network_nor_name_is_said() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        parse_allowed("127.0.0.0/8,10.0.0.0/99")
