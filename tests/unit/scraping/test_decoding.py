"""Bodies out of their Content-Encoding."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import PageError
from scraping.http.decoding import decode

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ModuleNotFoundError:
    from backports import zstd

ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "": bytes,
}


@pytest.mark.parametrize("name", ENCODERS)
@given(body=st.binary(min_size=1, max_size=5_000))
def test_every_encoding_gives_back_what_went_in(name: str, body: bytes) -> None:
    assert decode(ENCODERS[name](body), name, 5_000) == body


@pytest.mark.parametrize("name", ENCODERS)
def test_a_body_of_exactly_the_cap_passes_and_one_byte_more_does_not(name: str) -> None:
    body = bytes(range(256)) * 40
    assert decode(ENCODERS[name](body), name.upper(), len(body)) == body
    with pytest.raises(PageError, match="too_large"):
        decode(ENCODERS[name](body), name, len(body) - 1)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
@given(keep=st.integers(min_value=1, max_value=60))
def test_a_cut_body_is_never_taken_for_a_whole_one(name: str, keep: int) -> None:
    whole = ENCODERS[name](bytes(range(256)))
    with pytest.raises(PageError, match=r"connect|parse"):
        decode(whole[: min(keep, len(whole) - 1)], name, 10_000)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
@given(body=st.binary(min_size=1, max_size=200))
def test_noise_ends_with_a_page_error_or_a_body(name: str, body: bytes) -> None:
    try:
        outcome: str | int = len(decode(body, name, 1_000))
    except PageError as error:
        outcome = error.failure
    assert outcome in {"parse", "connect", "too_large", *range(1_001)}


def test_a_window_that_only_a_bomb_needs_is_refused() -> None:
    options = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    packer = zstd.ZstdCompressor(options=options)
    body = packer.compress(b"x" * 1_000) + packer.flush()
    with pytest.raises(PageError, match="parse"):
        decode(body, "zstd", 10_000)
