"""A heading is read without links and codes that the page's title does without, in whatever letters its tags are."""

import pytest

from scraping.extraction.document.heading import heading_text


@pytest.mark.parametrize(
    "inner",
    [
        "Steel Kettle", "Steel <b>Kettle</b>", 'Steel Kettle <a href="/login">log in</a>',
        "Steel Kettle <A HREF=/login>log in</A>", '<SPAN CLASS="sr-only">Product:</SPAN> Steel Kettle',
        'Steel Kettle <SPAN CLASS="sku">AB-12</SPAN>', "Steel Kettle <BUTTON>share</BUTTON>",
    ],
)  # fmt: skip
def test_a_heading_is_read_as_the_title_calls_the_product(inner: str) -> None:
    assert heading_text(inner, "steel kettle | shop".__contains__) == "Steel Kettle"
