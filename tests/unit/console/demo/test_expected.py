"""The truth about the demo shop's pages."""

from collections import Counter

from console.demo.catalogue import catalogue
from console.demo.expected import expected, expected_changes, expected_gone


def test_the_truth_follows_the_sitemap_page_by_page() -> None:
    assert [page.path for page in expected(2)] == [item.path for item in catalogue(2)]


def test_a_page_has_either_a_kind_or_a_failure() -> None:
    for page in expected(1):
        assert (page.page_type is None) == (page.failure is not None), page


def test_only_products_have_a_price_and_every_product_has_one() -> None:
    for page in expected(1):
        product = page.page_type == "product"
        for value in (page.name, page.price, page.currency, page.availability, page.sku, page.brand):
            assert (value is not None) == product, page


def test_the_second_day_shows_every_kind_of_change() -> None:
    kinds = Counter(kind for kinds in expected_changes().values() for kind in kinds)
    assert set(kinds) == {"price_up", "price_down", "out_of_stock", "back_in_stock", "new", "newly_failing"}
    assert kinds["new"] == len(expected_gone())
    assert min(kinds.values()) >= 5


def test_most_pages_do_not_change() -> None:
    assert 40 <= len(expected_changes()) <= 80


def test_a_change_of_price_is_told_in_the_direction_it_went() -> None:
    before = {page.path: page for page in expected(1)}
    after = {page.path: page for page in expected(2)}
    for path, kinds in expected_changes().items():
        if "price_up" in kinds:
            old, new = before[path].price, after[path].price
            assert old is not None
            assert new is not None
            assert new > old
