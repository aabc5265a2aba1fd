"""Meta tags: several of them may say one field."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from reports.row import Gtin
from scraping.extraction.document.document import Document
from scraping.extraction.reading import Context, Reading
from scraping.extraction.structured.opengraph import read_opengraph
from scraping.page import Page

SAID = {
    "og:title": ("name", "Steel kettle"),
    "twitter:title": ("name", "A kettle"),
    "product:retailer_item_id": ("sku", "KT-1"),
    "product:sku": ("sku", "KT-2"),
    "og:sku": ("sku", "KT-3"),
    "product:mfr_part_no": ("mpn", "M-1"),
    "og:mpn": ("mpn", "M-2"),
    "product:brand": ("brand", "Acme"),
    "og:brand": ("brand", "Acme Inc."),
    "product:item_group_id": ("product_group_id", "K"),
    "product:availability": ("availability", "in_stock"),
    "og:availability": ("availability", "out_of_stock"),
    "product:condition": ("condition", "used"),
    "product:ean": ("gtin", "6935364088101"),
    "og:ean": ("gtin", "96385074"),
    "product:category": ("category", "Kettles"),
}
"""Tags to the field that each says and its word; of one field the better tag stands first."""


def read(tags: list[tuple[str, str]]) -> Reading:
    """Read a page with these meta tags."""
    head = "".join(f'<meta property="{key}" content="{word}">' for key, word in tags)
    url = "https://shop.example/p/kettle"
    page = Page(
        url=url,
        final_url=url,
        status=200,
        body=f"<head>{head}</head><body>".encode(),
        fetched_at=datetime.now(UTC),
    )
    return read_opengraph(Document(page), Context())


def written(value: object) -> object:
    """Return a value as `SAID` writes it."""
    first = value[0] if isinstance(value, tuple) else value
    return first.value if isinstance(first, Gtin) else first


@given(st.lists(st.sampled_from(sorted(SAID)), unique=True))
def test_the_best_tag_of_a_field_is_believed_wherever_it_stands(keys: list[str]) -> None:
    best: dict[str, str] = {}
    for key, (field, _) in SAID.items():
        if key in keys:
            best.setdefault(field, key)
    reading = read([(key, SAID[key][1]) for key in keys])
    assert {field: written(value.value) for field, value in reading.found.items()} == {
        field: SAID[key][1] for field, key in best.items()
    }
    assert all(reading.found[field].provenance.path == f"meta[{key}]" for field, key in best.items())


def test_a_tag_that_says_nothing_known_leaves_the_field_to_the_next() -> None:
    tags = [
        ("product:availability", "soon"),
        ("og:availability", "oos"),
        ("product:ean", "1"),
        ("og:ean", "96385074"),
    ]
    reading = read(tags)
    assert reading.found["availability"].value == "out_of_stock"
    assert reading.found["availability"].raw == "oos"
    assert written(reading.found["gtin"].value) == "96385074"
