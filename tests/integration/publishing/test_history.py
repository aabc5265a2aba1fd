"""The history on a real disk: repeats, neighbours, several writers, what is read back and what is forgotten."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exporters.history.schema import RunStamp, offer_key
from exporters.history.store import History
from reports.errors import Unavailable
from reports.row import Availability, FeedClaim, Gtin, Row
from tests.support.object_store import object_store

DAY = date(2026, 11, 21)
Rows = Callable[[], Iterator[Row]]


def stamp(run: str = "r1", job: str = "acme", day: date = DAY) -> RunStamp:
    return RunStamp(job, run, day, datetime(day.year, day.month, day.day, 5, tzinfo=UTC))


def rows(*prices: str | None, currency: str = "EUR", availability: Availability = "in_stock") -> Rows:
    def made() -> Iterator[Row]:
        for position, price in enumerate(prices):
            yield Row(
                position=position,
                url=f"https://shop.example/{position}",
                page_type="product",
                name=f"Kettle {position}",
                sku=f"00{position}",
                gtin=(Gtin("gtin13", "4006381333931"),) if position == 0 else (),
                category=("Home", "Kitchen"),
                price=Decimal(price) if price else None,
                currency=currency,
                availability=availability,
                feed=FeedClaim(price="1 EUR"),
                changes=("new",),
            )

    return made


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history")


def seen(history: History, job: str | None = None) -> list[tuple[str, str, Decimal | None]]:
    return [(item.job, item.run, item.price) for item in history.timeline("https://shop.example/0", job=job)]


def test_a_repeat_of_a_run_leaves_one_copy(history: History) -> None:
    for _ in range(3):
        history.put(stamp(), rows("10.00", "11.00"))
    assert seen(history) == [("acme", "r1", Decimal("10.0000"))]
    assert len(history.timeline("001")) == 1


def test_a_repeat_with_other_rows_replaces_them_and_nobody_elses(history: History) -> None:
    history.put(stamp("r1"), rows("10.00", "11.00"))
    history.put(stamp("r2"), rows("12.00"))
    history.put(stamp("r1", job="o'neill"), rows("13.00"))
    history.put(stamp("r1"), rows("9.00"))
    assert sorted(seen(history)) == [
        ("acme", "r1", Decimal("9.0000")),
        ("acme", "r2", Decimal("12.0000")),
        ("o'neill", "r1", Decimal("13.0000")),
    ]
    assert history.timeline("001") == []


def test_a_run_without_rows_is_no_error(history: History) -> None:
    history.put(stamp(), rows())
    assert seen(history) == []


def test_writers_of_several_runs_lose_nothing(history: History) -> None:
    def write(number: int) -> None:
        history.put(stamp(f"r{number}"), rows("10.00", "11.00"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run for _, run, _ in seen(history)) == ["r0", "r1", "r2", "r3"]


@pytest.mark.parametrize("product", ["https://shop.example/0", "4006381333931", "000"])
def test_a_product_is_found_by_url_gtin_or_sku_over_the_days(history: History, product: str) -> None:
    for number in range(3):
        history.put(stamp(f"r{number}", day=DAY + timedelta(days=number)), rows(f"{10 + number}.00"))
    found = history.timeline(product)
    assert [item.price for item in found] == [Decimal(10), Decimal(11), Decimal(12)]
    assert found[0].due_at == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert [item.run for item in history.timeline(product, since=DAY + timedelta(days=1))] == ["r1", "r2"]
    assert history.timeline(product, job="other") == []


def test_the_lowest_price_is_of_the_days_before_and_of_one_currency(history: History) -> None:
    for ago, price in ((31, "1.00"), (30, "8.00"), (3, "9.50"), (0, "2.00")):
        history.put(stamp(f"r{ago}", day=DAY - timedelta(days=ago)), rows(price, None))
    history.put(stamp("usd", day=DAY - timedelta(days=2)), rows("5.00", currency="USD"))
    history.put(stamp("other", job="other", day=DAY - timedelta(days=2)), rows("3.00"))
    lowest = history.lowest_prices("acme", before=DAY)
    first, second = rows("10.00", "10.00")()
    assert lowest.of(first) == Decimal("8.00")
    assert lowest.of(second) is None
    (dollars,) = rows("10.00", currency="USD")()
    assert lowest.of(dollars) == Decimal("5.00")


def test_an_empty_history_knows_nothing(history: History) -> None:
    assert history.timeline("x") == []
    assert len(history.lowest_prices("acme", before=DAY)) == 0
    assert history.keep(DAY, 30).files_after == 0


def test_upkeep_forgets_old_days_and_makes_few_files_of_many(history: History, tmp_path: Path) -> None:
    for ago in (400, 3, 2):
        for number in range(3):
            history.put(stamp(f"r{ago}-{number}", day=DAY - timedelta(days=ago)), rows("10.00", "11.00"))
    done = history.keep(DAY, 365, vacuum_after=timedelta(0))
    assert (done.rows_forgotten, done.files_before, done.files_after) == (6, 6, 2)
    assert len(list((tmp_path / "history").rglob("*.parquet"))) == 2
    assert len(seen(history)) == 6


def test_a_history_lives_in_an_object_store_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        history = History("s3://bucket/history")
        threads = [
            threading.Thread(target=history.put, args=(stamp(f"r{number}"), rows("10.00", "11.00")))
            for number in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        history.put(stamp("r1"), rows("9.00"))
        assert sorted(run for _, run, _ in seen(history)) == ["r0", "r1", "r2"]
        (today,) = rows("10.00")()
        assert history.lowest_prices("acme", before=DAY + timedelta(days=1)).of(today) == Decimal("9.00")
        kept = history.keep(DAY, None, vacuum_after=timedelta(0))
        assert (kept.files_before, kept.files_after) == (3, 1)
        assert len(seen(history)) == 3


def test_an_offers_key_is_the_same_everywhere() -> None:
    # Written into tables that outlive this version: must never change.
    assert offer_key("https://shop.example/0", "EUR") == offer_key("https://shop.example/0", "EUR")
    assert offer_key("https://shop.example/0", "EUR") == KEY
    assert offer_key("https://shop.example/0", None) != KEY


KEY = -2454842127981906806


def test_a_store_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    # No port listens: an object store that is down. Unavailable is what a report goes out without.
    for name, value in (
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-central-1"),
    ):
        monkeypatch.setenv(name, value)
    history = History("s3://bucket/history")
    for call in (
        lambda: history.put(stamp(), rows("10.00")),
        lambda: history.timeline("000"),
        lambda: history.lowest_prices("acme", DAY),
        lambda: history.keep(DAY, 30),
    ):
        with pytest.raises(Unavailable, match="history") as told:
            call()
        assert "\n" not in str(told.value)
        assert "\x1b" not in str(told.value)


@pytest.mark.parametrize("where", ["_delta_log/*.json", "report_date=*/*.parquet"])
def test_a_damaged_table_is_unavailable(history: History, tmp_path: Path, where: str) -> None:
    history.put(stamp(day=DAY - timedelta(days=1)), rows("10.00"))
    (damaged,) = (tmp_path / "history").glob(where)
    damaged.write_text("{no longer what it was")
    for call in (lambda: history.timeline("000"), lambda: history.lowest_prices("acme", DAY)):
        with pytest.raises(Unavailable, match="history"):
            call()
