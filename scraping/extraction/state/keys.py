"""What shops call the facts of a product in their own JSON. Keys are compared lower case, letters and digits only."""

import re
from functools import lru_cache
from typing import Final

_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]+")

PRICE: Final = (
    "price", "currentprice", "saleprice", "finalprice", "sellingprice", "specialprice", "offerprice",
    "actualprice", "discountedprice", "salesprice",
    "promoprice", "displayprice", "now", "priceamount", "pricevalue", "productprice", "unitprice",
    "priceinclvat", "priceincltax", "productsaleprice", "itemprice",
)  # fmt: skip
"""Likeliest first."""
LIST_PRICE: Final = (
    "oldprice", "originalprice", "wasprice", "was", "listprice", "regularprice", "compareatprice",
    "strikethroughprice", "strikeprice", "msrp", "rrp",
    "recommendedretailprice", "retailprice", "previousprice", "pricebeforediscount", "crossedprice",
    "fullprice", "standardprice", "uvp", "priceold",
    "pricebefore", "undiscountedprice", "displayregularprice", "productoldprice", "pricewithoutdiscount",
    "originprice", "marketprice", "crossedoutprice",
)  # fmt: skip
MSRP: Final = frozenset({"msrp", "rrp", "uvp", "recommendedretailprice", "strikethroughmsrp"})
NAME: Final = (
    "name",
    "productname",
    "title",
    "displayname",
    "itemname",
    "shortname",
    "producttitle",
    "fullname",
)
SKU: Final = (
    "sku",
    "skuid",
    "productsku",
    "skucode",
    "articlenumber",
    "partnumber",
    "itemnumber",
    "articleid",
    "productcode",
    "itemid",
)
WEAK_CODES: Final = frozenset({"skuid", "itemid", "articleid", "partnumber"})
"""Numbers of a shop's database more often than codes it shows."""
ID: Final = (
    "id",
    "productid",
    "itemid",
    "ecommprodid",
    "dynxprodid",
    "pid",
    "contentid",
    "code",
    "ecommprodid",
    "masterid",
    "prodid",
)
BRAND: Final = (
    "brand",
    "brandname",
    "productbrand",
    "itembrand",
    "manufacturer",
    "vendor",
    "manufacturername",
    "branddisplayname",
)
GTIN: Final = (
    "gtin",
    "gtin13",
    "ean",
    "ean13",
    "eancode",
    "upc",
    "barcode",
    "isbn",
    "gtin14",
    "gtin12",
    "gtin8",
    "productean",
)
MPN: Final = (
    "mpn",
    "manufacturerpartnumber",
    "mfrpartnumber",
    "manufacturersku",
    "manufacturercode",
    "manufacturerproductcode",
    "vendorpartnumber",
)
CURRENCY: Final = (
    "currency",
    "currencycode",
    "currencyunit",
    "pricecurrency",
    "currencyiso",
    "isocurrency",
    "ordercurrency",
    "currencyisocode",
)
STOCK_FLAG: Final = (
    "available",
    "instock",
    "isinstock",
    "isavailable",
    "isinstockonline",
    "inventoryavailable",
    "purchasable",
    "availableforsale",
    "ispurchasable",
    "canbuy",
    "isbuyable",
    "productinstock",
)
OUT_FLAG: Final = ("soldout", "issoldout", "outofstock", "isoutofstock", "globallyoutofstock", "unavailable")
STOCK_WORD: Final = (
    "availability",
    "stockstatus",
    "availabilitystatus",
    "stock",
    "inventorystatus",
    "stockstate",
    "inventory",
    "productavailability",
    "instockstatus",
    "stockavailability",
)
STOCK_COUNT: Final = (
    "stockquantity",
    "stock",
    "quantity",
    "availablecount",
    "qty",
    "stocklevel",
    "inventoryquantity",
    "availablequantity",
    "stockcount",
    "maxqty",
)
AMOUNT: Final = (
    "amount",
    "value",
    "price",
    "current",
    "now",
    "raw",
    "gross",
    "centamount",
    "current price",
    "withtax",
    "incltax",
    "max",
    "min",
)
"""Inside a price that is an object."""
OTHERS: Final = re.compile(
    r"recommend|related|similar|upsell|crosssell|also|carousel|recently|cart|basket|wishlist|viewed|suggest|bundle"
    r"|accessor|complement|alternativ|banner|menu|navigation|footer|header|translations|review|question|search|filter"
    r"|facet|comparison|delivery|shipping|warrant|financ|install|impressions|sponsored|ads\b|popular|bestsell|trending"
)
"""Keys under which other products, or none at all, are kept."""


CODES: Final = frozenset((*SKU, *ID))
NAMING: Final = CODES | frozenset(NAME)
TELLING: Final = frozenset((*PRICE, *SKU, *BRAND, *STOCK_FLAG, *OUT_FLAG))
"""An object without one of these has nothing to tell."""


@lru_cache(maxsize=20_000)
def plain(key: str) -> str:
    """Return a key as the tables here write it."""
    return _NOT_LETTERS.sub("", key.lower())


@lru_cache(maxsize=20_000)
def is_of_others(key: str) -> bool:
    """Whether a key names other products than the page's, or none at all."""
    return OTHERS.search(key.lower()) is not None
