import pytest

from jobs.definition import Gates
from reports.quality import judge, percent, verdict
from reports.summary import Summary


def run(products: int = 100, urls: int = 100, **fields: object) -> Summary:
    facts = {"coverage": products / urls, "currencies": {"EUR": products}, **fields}
    return Summary(urls=urls, products=products, **facts)  # type: ignore[arg-type]


def sentences(gates: Gates, summary: Summary, *earlier: Summary) -> list[str]:
    return [finding.sentence for finding in judge(gates, summary, earlier)]


def test_without_gates_every_run_is_good_enough() -> None:
    assert sentences(Gates(), run(1), run(100)) == []
    assert sentences(Gates(), run(0)) == []


def test_a_run_without_any_product_is_held_where_earlier_ones_had_some() -> None:
    findings = judge(Gates(), run(0), [run(100), run(98)])
    assert [finding.sentence for finding in findings] == [
        "none of 100 URLs gave a product; 99 did in the median of the last runs"
    ]
    assert verdict(Gates(otherwise="warn"), findings) == "hold"
    assert judge(Gates(), run(0), [run(0)]) == []


def test_too_few_products_are_told_with_both_numbers() -> None:
    assert sentences(Gates(min_coverage=0.95), run(94)) == [
        "94 of 100 URLs gave a product: 94 %, at least 95 % asked"
    ]
    assert sentences(Gates(min_coverage=0.94), run(94)) == []


def test_a_field_that_too_few_products_have_is_told() -> None:
    gates = Gates(min_fields={"price": 0.9, "gtin": 0.5})
    assert sentences(gates, run(fields={"price": 0.95})) == ["0 % of products have gtin, at least 50 % asked"]


def test_a_fall_is_measured_against_the_median_of_the_last_runs() -> None:
    gates = Gates(max_product_fall=0.1)
    earlier = [run(100), run(100), run(10)]  # yesterday was bad already
    assert sentences(gates, run(85), *earlier) == [
        "85 products, 100 in the median of the last 3 runs: 15 % fewer, at most 10 % allowed"
    ]
    assert sentences(gates, run(90), *earlier) == []
    assert sentences(gates, run(85)) == []


def test_only_the_last_seven_runs_count() -> None:
    assert sentences(Gates(max_product_fall=0.1), run(20), *[run(100)] * 8, *[run(20)] * 7) == []


def test_a_share_of_price_changes_beyond_belief_is_told() -> None:
    summary = run(changes={"price_up": 30, "price_down": 25}, compared_prices=60)
    assert sentences(Gates(max_price_changes=0.5), summary) == [
        "55 of 60 prices changed: 91.7 %, at most 50 % allowed"
    ]
    assert sentences(Gates(max_price_changes=0.5), run(changes={"price_up": 30})) == []


def test_a_currency_not_seen_before_is_told_where_it_is_not_allowed() -> None:
    summary = run(currencies={"EUR": 90, "USD": 10})
    gates = Gates(allow_currency_change=False)
    assert sentences(gates, summary, run()) == ["10 products are priced in USD, so far only in EUR"]
    assert sentences(gates, summary) == []
    assert sentences(Gates(), summary, run()) == []


@pytest.mark.parametrize("otherwise", ["warn", "hold"])
def test_the_definition_says_what_follows_from_a_finding(otherwise: str) -> None:
    gates = Gates.model_validate({"min_coverage": 0.9, "otherwise": otherwise})
    assert verdict(gates, judge(gates, run(10), [])) == otherwise
    assert verdict(gates, judge(gates, run(), [])) == "publish"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1.0, "100 %"), (0.99999, "99.9 %"), (0.5, "50 %"), (0.984, "98.4 %"), (0.00001, "0.1 %"), (0.0, "0 %")],
)
def test_only_all_is_shown_as_all_and_only_nothing_as_nothing(share: float, shown: str) -> None:
    assert percent(share) == shown
