"""The site rules of the demo shop: how a person tells Shelfbeat where the plain pages keep their values."""

from typing import Final

from jobs.definition import Rule, RuleField, SiteRules

_RULES: Final[dict[RuleField, Rule]] = {
    "name": Rule(css="h1.title-line"),
    "brand": Rule(css=".brand-line"),
    "sku": Rule(css=".code-line"),
    "gtin": Rule(css=".ean-line"),
    "price": Rule(css=".price-now"),
    "list_price": Rule(css="del.price-was"),
    "availability": Rule(css=".stock-line"),
}

SITE_RULES: Final = SiteRules(fields=_RULES)
"""For the shop's host, `127.0.0.1`. Of these class names pages with markup have the list price's alone."""
