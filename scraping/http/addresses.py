"""Which addresses the fetcher may connect to: URLs come from customers, so it is a door to the inside.

Deny-nets are listed one by one: `ipaddress.is_global` calls NAT64 of a private address, multicast, site-local
addresses and a cloud's own service address global.
Source: IANA special-purpose address registries (IPv4, IPv6); RFC 6890, 6052, 3056, 3879.
"""

import errno
import ipaddress
import socket
from functools import lru_cache
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_DENIED_V4: Final = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; a cloud's metadata at 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's wire server, on a public address
        "169.254.0.0/16",  # link-local; the clouds' metadata at 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments; a cloud's metadata at 192.0.0.192
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
"""All global unicast that is handed out: the rest is special (::1, ULA, link-local, site-local, NAT64)."""
_DENIED_V6: Final = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


class ForbiddenAddress(OSError):  # noqa: N818 - the name says what it is
    """The name led to an address that the fetcher must not connect to."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, f"{MARK} {address}{naming_hint(address)}")
        self.address = address


MARK: Final = "forbidden address"


def naming_hint(host: str) -> str:
    """Return how an address inside is allowed, for people; '' for a name, or an address outside."""
    try:
        inside = not is_public(parse_address(host))
    except ValueError:
        inside = host == "localhost"
    return ", a private one that SHELFBEAT_ALLOW_PRIVATE_HOSTS does not name" if inside else ""


def parse_address(text: str) -> Address:
    """Return the address connected to: scope dropped, IPv4-mapped unwrapped. Raises ValueError."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in _DENIED_V4)
    return address in _GLOBAL_V6 and not any(address in net for net in _DENIED_V6)


@lru_cache(maxsize=4096)
def may_connect(address: str, allowed: tuple[Network, ...]) -> bool:
    """Return whether the address may be connected to: public, or in a network that was named."""
    try:
        parsed = parse_address(address)
    except ValueError:
        return False
    return is_public(parsed) or is_named(parsed, allowed)


def is_named(address: Address, allowed: tuple[Network, ...]) -> bool:
    """Return whether an address is in one of the networks that SHELFBEAT_ALLOW_PRIVATE_HOSTS names."""
    return any(address.version == net.version and address in net for net in allowed)


def parse_allowed(text: str) -> tuple[Network, ...]:
    """Return the networks that SHELFBEAT_ALLOW_PRIVATE_HOSTS names: "127.0.0.0/8,::1/128", "localhost".

    Host names are looked up once, now. Raises ValueError naming the part that is neither.
    """
    networks: list[Network] = []
    for part in (piece.strip() for piece in text.split(",")):
        if part:
            networks.extend(_networks_of(part))
    return tuple(dict.fromkeys(networks))


def _networks_of(part: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(part.strip("[]"), strict=False)]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(part, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = (
            f"SHELFBEAT_ALLOW_PRIVATE_HOSTS: {part!r} is neither a network nor a host name that resolves"
        )
        raise ValueError(message) from error
    return [ipaddress.ip_network(str(parse_address(str(info[4][0])))) for info in found]
