# ruff: noqa: RUF001, S104 - look-alike digits and odd addresses are the point
"""No spelling of an inside address, no redirect and no changed name leads to a connection."""

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from reports.errors import PageError
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from tests.support.resolver import ChangingResolver
from tests.support.site_hostile import PRODUCT, hostile_site, redirect

HOSTS = [
    # loopback by name
    "localhost", "LOCALHOST", "localhost.", "localhost..", "ip6-localhost", "localhost.localdomain",
    # loopback by number, in all spellings that some library reads
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.000.000.001", "0177.0.0.1", "0177.0.0.01", "0x7f.1",
    "0x7f.0x0.0x0.0x1", "0x7f000001", "0X7F000001", "2130706433", "017700000001", "127.0.0.2", "127.255.255.254",
    "127.0.0.1%00", "127.0.0.1%20", "127.0.0.1%2f", "%31%32%37.0.0.1", "127%2e0%2e0%2e1",
    "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ｌｏｃａｌｈｏｓｔ",
    # this network
    "0.0.0.0", "0", "0x0", "00000000000", "0.0.0.1", "[::]", "[0:0:0:0:0:0:0:0]",
    # loopback in IPv6
    "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]", "[::1%25lo]", "[::1%lo]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]",
    # private, shared, link-local, reserved, multicast, the clouds' own
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1.1", "100.64.0.1",
    "100.100.100.200", "169.254.169.254", "169.254.0.23", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]",
    "[100::1]", "[3fff::1]", "[5f00::1]", "[4000::1]",
]  # fmt: skip


class Listeners:
    """Loopback sockets on one port in both families; whoever connects is counted."""

    def __init__(self) -> None:
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = int(self._sockets[0].getsockname()[1])
        self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listening in self._sockets:
            listening.setblocking(False)

    def connected(self) -> int:
        """Return how many connections wait to be accepted, and take them."""
        count = 0
        for listening in self._sockets:
            while True:
                try:
                    listening.accept()[0].close()
                except BlockingIOError:
                    break
                count += 1
        return count

    def close(self) -> None:
        """Stop to listen."""
        for listening in self._sockets:
            listening.close()


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    made = Listeners()
    yield made
    made.close()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    made = Fetcher(FetcherSettings(), Pace(None))
    yield made
    await made.close()


def limits(port: int) -> Limits:
    """Limits that leave the refusal to the guard: the port is allowed."""
    return Limits(retries=0, connect_s=2, total_s=5, ports=frozenset({80, 443, port}))


async def test_no_spelling_of_an_inside_address_is_connected_to(
    listeners: Listeners, fetcher: Fetcher
) -> None:
    assert len(HOSTS) >= 60
    for host in HOSTS:
        with pytest.raises(PageError) as raised:
            await fetcher.visit(f"http://{host}:{listeners.port}/", limits(listeners.port))
        assert raised.value.failure in {"forbidden_host", "bad_url", "dns"}, host
        assert listeners.connected() == 0, host


async def test_the_listeners_do_count(listeners: Listeners) -> None:
    with socket.create_connection(("127.0.0.1", listeners.port)):
        assert listeners.connected() == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1/", "javascript:alert(1)", "http:",
        "http://", "http:///path", "http://user:pass@shop.example/", "http://user@127.0.0.1/", "http://[::1", "",
        "shop.example/kettle", "http://shop.example:0/", "http://shop.example:99999/", "unix:///run/redis.sock",
    ],
)  # fmt: skip
async def test_only_plain_http_urls_are_asked_for(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(PageError, match="bad_url"):
        await fetcher.visit(url, Limits())


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 9200])
async def test_other_ports_are_refused_unless_the_definition_allows_them(fetcher: Fetcher, port: int) -> None:
    with pytest.raises(PageError, match=f"port {port} is not allowed"):
        await fetcher.visit(f"http://shop.example:{port}/", Limits())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_a_refused_port_inside_says_first_that_the_address_is_not_named(
    fetcher: Fetcher, host: str
) -> None:
    with pytest.raises(PageError) as raised:
        await fetcher.visit(f"http://{host}:8123/", Limits())
    said = raised.value.detail or ""
    assert said.startswith(f"forbidden address {host.strip('[]')}, a private one that SHELFBEAT_ALLOW_")
    assert "port 8123 is not allowed" in said


async def test_no_redirect_to_any_spelling_of_an_inside_address_is_followed(listeners: Listeners) -> None:
    async with hostile_site("127.0.0.9") as site:
        # Only the shop's own address is allowed, as if it were a public one.
        fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.9/32")), Pace(None))
        for host in HOSTS:
            sent = host.encode().decode("latin-1")  # as servers send them: UTF-8, whatever HTTP says
            site.on("/away", redirect(f"http://{sent}:{listeners.port}/"))
            with pytest.raises(PageError) as raised:
                await fetcher.visit(site.url("/away", "127.0.0.9"), limits(listeners.port))
            assert raised.value.failure in {"forbidden_host", "bad_url", "dns"}, host
            assert listeners.connected() == 0, host
        await fetcher.close()
    assert site.asked["/away"] == len(HOSTS)


async def test_a_name_that_changes_its_address_gets_nothing(listeners: Listeners) -> None:
    resolver = ChangingResolver("10.1.2.3", "127.0.0.1")
    fetcher = Fetcher(FetcherSettings(resolver=resolver), Pace(None))
    for _ in range(3):
        with pytest.raises(PageError, match="forbidden_host"):
            await fetcher.visit(f"http://rebind.example:{listeners.port}/", limits(listeners.port))
        fetcher.forget_names()
    await fetcher.close()
    assert resolver.asked == 3
    assert listeners.connected() == 0


async def test_the_address_checked_is_the_one_connected_to() -> None:
    async with hostile_site() as site:
        resolver = ChangingResolver("127.0.0.1", "10.1.2.3")
        fetcher = Fetcher(
            FetcherSettings(resolver=resolver, allow_private=parse_allowed("127.0.0.1")), Pace(None)
        )
        page = (await fetcher.visit(f"http://shop.example:{site.port}/ok", Limits())).page
        await fetcher.close()
    assert page.body == PRODUCT
    assert resolver.asked == 1


async def test_named_networks_may_be_visited_on_any_port_and_no_others() -> None:
    async with hostile_site() as site:
        fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("localhost")), Pace(None))
        assert (await fetcher.visit(site.url("/ok", host="localhost"), Limits())).page.body == PRODUCT
        with pytest.raises(PageError, match="forbidden_host"):
            await fetcher.visit("http://10.0.0.1/", Limits())
        with pytest.raises(PageError, match="port 6379 is not allowed"):
            await fetcher.visit("http://8.8.8.8:6379/", Limits())
        await fetcher.close()


async def test_a_row_says_what_was_refused(listeners: Listeners, fetcher: Fetcher) -> None:
    with pytest.raises(PageError) as raised:
        await fetcher.visit("http://169.254.169.254/latest/meta-data/", Limits())
    assert raised.value.detail == (
        "refused to connect: forbidden address 169.254.169.254, a private one that "
        "SHELFBEAT_ALLOW_PRIVATE_HOSTS does not name"
    )
