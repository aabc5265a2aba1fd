"""What a merchant feed claims, held against the page: filled in only where it is a code, told where it differs."""

from typing import Any

from reports.codes import read_gtin
from reports.money import text_numbers
from reports.row import FeedClaim, Provenance


def with_feed(fields: dict[str, Any], feed: FeedClaim) -> dict[str, Any]:
    """Return the row fields with the feed's codes where the page has none, and a warning where prices differ."""
    provenance = dict(fields.get("provenance", {}))
    warnings = list(fields.get("warnings", ()))
    filled: dict[str, Any] = {}
    gtin = read_gtin(feed.gtin) if feed.gtin else None
    if gtin is not None and not fields.get("gtin"):
        filled["gtin"], provenance["gtin"] = (gtin,), Provenance("feed", "gtin")
    if feed.id and not fields.get("product_id"):
        filled["product_id"], provenance["product_id"] = feed.id, Provenance("feed", "id")
    claimed = text_numbers(feed.sale_price or feed.price or "")
    # A sale of certain days: which of both prices holds is judged when the time of the visit is known.
    usual = text_numbers(feed.price or "") if feed.sale_price_effective_date else []
    price = fields.get("price")
    if price is not None and claimed and price not in {claimed[0], *usual[:1]}:
        warnings.append(f"price: {fields['provenance']['price'].source} says {price}, feed says {claimed[0]}")
    return {**fields, **filled, "provenance": provenance, "warnings": tuple(warnings)}
