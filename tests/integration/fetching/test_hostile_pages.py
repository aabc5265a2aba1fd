"""Pages made to hang, crash or fill the memory of a reader: each costs under a second of CPU and 300 MB."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from reports.row import Row
from scraping.extraction import extract
from scraping.page import Page

SOUND = '<title>Kettle</title><h1>Kettle</h1><div class="price">€20.00</div><button>Add to cart</button>'
PRODUCT = '<script type="application/ld+json">{"@type":"Product","name":"Kettle","offers":['
LD = '<script type="application/ld+json">'
HOSTILE: dict[str, str | bytes] = {
    "10 MB of paragraphs": SOUND + "<p>lorem ipsum 12.99 € sit</p>" * 330_000,
    "10 MB of one text": SOUND + "x 1.99 " * 1_400_000,
    "10 MB of spaces": SOUND + " " * 10_000_000,
    "10 MB of <": SOUND + "<" * 10_000_000,
    "10 MB of JSON-LD offers": SOUND + PRODUCT + '{"price":1},' * 800_000 + "]}</script>",
    "4 MB of damaged JSON-LD": SOUND + PRODUCT + "{price:1}," * 390_000,
    "5,000 levels": SOUND + "<div>" * 5_000 + "€ 5.00" + "</div>" * 5_000,
    "100,000 levels": SOUND + "<div>" * 100_000 + "€ 5.00",
    "100,000 closed levels": SOUND + "<div>" * 100_000 + "€ 5.00" + "</div>" * 100_000,
    "20,000 nested items": '<div itemprop=offers itemscope itemtype="http://schema.org/Product">' * 20_000,
    "300,000 properties": '<div itemscope itemtype="http://schema.org/Product">'
    + "<b itemprop=price>5</b>" * 300_000,
    "an attribute of 1 MB": SOUND + '<div class="' + "price " * 170_000 + '">5</div>',
    "100,000 attributes": SOUND + "<div " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x</div>",
    "JSON-LD of 10,000 levels": SOUND
    + LD
    + '{"@graph":[' * 10_000
    + '{"@type":"Product"}'
    + "]}" * 10_000
    + "</script>",
    "a price of 10,000 digits": SOUND + PRODUCT + '{"price":' + "9" * 10_000 + "}]}</script>",
    "a price of 1e100000": SOUND + PRODUCT + '{"price":"1e100000"}]}</script>',
    "100,000 open scripts": SOUND + LD * 100_000,
    "200,000 headings": "<h1>Kettle</h1>" * 200_000,
    "500,000 open headings": "<h1>" * 500_000,
    "1,000,000 open metas": "<meta " * 1_000_000,
    "3 MB of backslashes": SOUND + "<script>price={a:'" + "\\" * 3_000_000 + "</script>",
    "1,000,000 literals": SOUND + "<script>price " + "={a" * 1_000_000 + "</script>",
    "1,000,000 comments": SOUND + "<!--" * 1_000_000,
    "200,000 prices": SOUND + "<li><span class=price>€1.99</span></li>" * 200_000,
    "random bytes": random.Random(1).randbytes(3_000_000),
    "zeros": b"\0" * 3_000_000,
    "nothing": b"",
}
FILLING = (
    "10 MB of paragraphs",
    "10 MB of JSON-LD offers",
    "4 MB of damaged JSON-LD",
    "100,000 closed levels",
    "300,000 properties",
    "an attribute of 1 MB",
    "200,000 headings",
    "1,000,000 literals",
    "200,000 prices",
    "random bytes",
)
"""Those that hold the most while they are read."""


def read(body: str | bytes) -> Row:
    """Extract a page of this body."""
    return extract(
        Page(
            url="https://shop.example/p/kettle-12345",
            final_url="https://shop.example/p/kettle-12345",
            status=200,
            body=body.encode() if isinstance(body, str) else body,
            fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_less_than_a_second(name: str) -> None:
    read(SOUND)  # tables are loaded once a process
    start = time.thread_time()
    row = read(HOSTILE[name])
    assert time.thread_time() - start < 1.0
    assert row.failure is None


def test_hostile_pages_stay_below_300_mb() -> None:
    code = (
        "import resource; from tests.integration.fetching.test_hostile_pages import FILLING, HOSTILE, read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name in FILLING: read(HOSTILE[name])\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < 300


def test_a_sound_page_is_still_read() -> None:
    assert str(read(SOUND).price) == "20.00"
