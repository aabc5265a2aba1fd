"""A worker whose pages are simulated; all else is real.

celery -A benchmarks.simulated_worker worker
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import tasks.steps.batch
from reports.row import Gtin, ProductUrl, Row
from tasks.app import app

__all__ = ["app"]


async def simulated_scrape(urls: Sequence[ProductUrl], *_: Any, **__: Any) -> list[Row]:
    """Return the rows of products that differ from each other, as a shop's do."""
    now = datetime.now(UTC)
    return [_row(item, now) for item in urls]


def _row(item: ProductUrl, now: datetime) -> Row:
    number = item.position
    return Row(
        position=number,
        url=item.url,
        final_url=item.url,
        fetched_at=now,
        http_status=200,
        elapsed_ms=80 + number % 50,
        page_type="product",
        name=f"Product {number} in colour {number % 17}",
        brand=f"Brand {number % 97}",
        sku=f"SKU-{number}",
        gtin=(Gtin("gtin13", f"40{number:011d}"),),
        price=Decimal(100 + number * 7919 % 90_000) / 100,
        currency="EUR",
        availability="in_stock" if number % 9 else "out_of_stock",
    )


vars(tasks.steps.batch)["scrape"] = simulated_scrape  # the one thing that is not real
