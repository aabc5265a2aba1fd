"""TLS is verified: the wrong name, an unknown authority and plain text are failures with a word."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reports.errors import PageError
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from tests.support.certificate import write_certificate
from tests.support.site_hostile import PRODUCT, HostileSite, hostile_site

ONCE = Limits(retries=0, connect_s=3, total_s=5)


def context(file: Path) -> ssl.SSLContext:
    """Return a server's context for a certificate file."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    return made


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[HostileSite]:
    async with hostile_site(context=context(write_certificate(tmp_path, "localhost"))) as served:
        yield served


def fetcher(ca_file: Path | None) -> Fetcher:
    """Return a fetcher that trusts one further authority."""
    allowed = parse_allowed("127.0.0.0/8,::1/128")
    return Fetcher(
        FetcherSettings(allow_private=allowed, ca_file=str(ca_file) if ca_file else None), Pace(None)
    )


async def test_a_shop_whose_certificate_fits_is_read(site: HostileSite, tmp_path: Path) -> None:
    made = fetcher(tmp_path / "localhost.pem")
    for _ in range(2):
        assert (await made.get_bytes(site.url("/ok", host="localhost"), ONCE)).body == PRODUCT
    await made.close()
    assert site.connections == 1


async def test_a_certificate_of_another_name_is_refused(site: HostileSite, tmp_path: Path) -> None:
    made = fetcher(tmp_path / "localhost.pem")
    with pytest.raises(PageError, match="tls"):
        await made.get_bytes(site.url("/ok", host="127.0.0.1"), ONCE)
    await made.close()
    assert not site.requests


async def test_an_unknown_authority_is_refused(site: HostileSite) -> None:
    made = fetcher(None)
    with pytest.raises(PageError, match="tls") as caught:
        await made.get_bytes(site.url("/ok", host="localhost"), ONCE)
    await made.close()
    assert caught.value.detail.startswith("[SSL: CERTIFICATE_VERIFY_FAILED]")
    assert not site.requests


async def test_plain_text_on_a_tls_port_is_a_failure(tmp_path: Path) -> None:
    made = fetcher(None)
    async with hostile_site() as plain:
        with pytest.raises(PageError, match="no connection in 3 s"):
            await made.get_bytes(f"https://127.0.0.1:{plain.port}/ok", ONCE)
    await made.close()
