"""Why a URL has no product, and whether asking again may help."""

from typing import get_args

import pytest

from reports.failure import FAILURES, http_failure
from reports.reasons import joined_reasons, may_give_product, plain_reason, reason, words_of
from reports.row import PageType, Row

URL = "https://shop.example/kettle"


@pytest.mark.parametrize("failure", sorted(FAILURES))
def test_every_failure_has_words(failure: str) -> None:
    assert words_of(failure) != "Unknown"


@pytest.mark.parametrize("kind", [kind for kind in get_args(PageType) if kind != "product"])
def test_every_kind_of_page_has_words(kind: PageType) -> None:
    row = Row(url=URL, page_type=kind)
    assert reason(row) == kind
    assert plain_reason(row) == words_of(kind) != "Unknown"


def test_a_product_has_no_reason() -> None:
    row = Row(url=URL, page_type="product")
    assert plain_reason(row) is None
    assert not may_give_product(row)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            Row(url=URL, failure="timeout", failure_detail="no connection in 10 s"),
            "The page did not answer in time: no connection in 10 s",
        ),
        (
            Row(
                url=URL,
                failure="not_asked",
                failure_detail="the host's rate has no turn for it in the next 9 s",
            ),
            "Not asked, the time was up: the host's rate has no turn for it in the next 9 s",
        ),
        (Row(url=URL, failure="connect", failure_detail="[Errno 111]"), "The shop could not be reached"),
        (Row(url=URL, failure=http_failure(503)), "The shop answers with an error (503)"),
        (
            Row(url=URL, failure="http_404", page_type="not_found"),
            "The shop has no such page any more (404)",
        ),
        (
            Row(url=URL, failure="http_403", page_type="blocked"),
            "The shop turns automatic visitors away (403)",
        ),
        (
            Row(url=URL, failure="robots", failure_detail="robots.txt answered 503, so the host waits"),
            "The shop's robots.txt could not be read",
        ),
    ],
)
def test_a_reason_reads_as_a_sentence(row: Row, words: str) -> None:
    assert plain_reason(row) == words


@pytest.mark.parametrize(
    "row",
    [
        *(
            Row(url=URL, failure=word)
            for word in ("timeout", "not_asked", "dns", "connect", "tls", "internal", "http_503")
        ),
        Row(url=URL, failure="http_403", page_type="blocked"),
        Row(url=URL, page_type="blocked"),
        Row(url=URL, page_type="consent"),
        Row(url=URL, failure="robots", failure_detail="robots.txt answered 503, so the host waits"),
    ],
)
def test_what_may_be_otherwise_the_next_time_can_pass(row: Row) -> None:
    assert may_give_product(row)


@pytest.mark.parametrize(
    "row",
    [
        *(Row(url=URL, failure=word) for word in ("bad_url", "forbidden_host", "not_html", "too_large")),
        Row(url=URL, failure="http_404", page_type="not_found"),
        Row(url=URL, page_type="listing"),
        Row(url=URL, page_type="js_required"),
        Row(url=URL, failure="robots", failure_detail="robots.txt disallows it"),
    ],
)
def test_what_the_page_would_say_again_cannot_pass(row: Row) -> None:
    assert not may_give_product(row)


def test_reasons_of_one_sentence_are_told_as_one() -> None:
    assert joined_reasons({"http_404": 13, "timeout": 15, "not_found": 8}) == [
        ("The shop has no such page any more", 21, "http_404, not_found"),
        ("The page did not answer in time", 15, "timeout"),
    ]
