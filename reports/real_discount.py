"""What an advertised discount is worth: the price against the lowest of the 30 days before.

In the EU a price reduction has to be shown against the lowest price of the 30 days before it (Directive 98/6/EC,
article 6a). `real_discount_percent` is that figure from our own observations, beside the page's claim.
"""

from decimal import Decimal
from typing import Final

import msgspec

from reports.row import Row

_ONE_DECIMAL: Final = Decimal("0.1")


def with_lowest(row: Row, lowest: Decimal | None) -> Row:
    """Return the row with the lowest price of the 30 days before, and the discount against it.

    `lowest` is in the row's currency. The percent is negative when the price is above it: a page may
    announce a discount and be dearer than last week.
    """
    if lowest is None:
        return row
    percent = None
    if row.price is not None and lowest > 0:
        percent = ((lowest - row.price) * 100 / lowest).quantize(_ONE_DECIMAL)
    return msgspec.structs.replace(row, lowest_price_30d=lowest, real_discount_percent=percent)
