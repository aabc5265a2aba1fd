"""What all pages of the demo shop look like around their markup: frame, style sheet, buy box, traps.

The traps are what real pages carry beside the price: a shipping threshold, an instalment, other products.
"""

from decimal import Decimal
from html import escape
from typing import Final

from babel.numbers import format_currency

from console.demo.catalogue import Item, Market
from console.demo.words import WORDS

STYLE_SHEET: Final = """
:root { --ink: #22302b; --leaf: #2f6b4f; --sand: #f5f1e8; --clay: #b4532a; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--sand); }
header, footer { background: var(--leaf); color: #fff; padding: .8rem 5vw; display: flex; gap: 2rem; }
header a, footer a { color: #fff; text-decoration: none; }
main { max-width: 62rem; margin: 1.5rem auto; padding: 1.5rem 2rem; background: #fff; border-radius: 10px; }
nav.trail { font-size: .85rem; color: #6b756f; margin-bottom: 1rem; }
.product { display: grid; grid-template-columns: minmax(14rem, 1fr) 1.4fr; gap: 2rem; }
.product img { width: 100%; height: auto; border-radius: 8px; background: var(--sand); }
.amount, .price-now { font-size: 1.9rem; font-weight: 700; }
.price-was { color: #7a827d; margin-left: .6rem; }
.stock { font-weight: 600; color: var(--leaf); } .stock.out { color: var(--clay); }
.hint { color: #6b756f; font-size: .9rem; }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: 6px; }
button { background: var(--leaf); color: #fff; }
table { border-collapse: collapse; margin-top: 1rem; }
td, th { padding: .25rem 1rem .25rem 0; text-align: left; }
.others { display: flex; gap: 1rem; flex-wrap: wrap; }
.card { background: var(--sand); padding: .8rem; border-radius: 8px; }
@media (max-width: 40rem) { .product { grid-template-columns: 1fr; } }
""".strip()


def money(amount: Decimal, market: Market) -> str:
    """Return an amount as the market writes it, `1.299,00 €`."""
    return str(format_currency(amount, market.currency, locale=market.locale))


def frame(market: Market, title: str, body: str, head: str = "") -> str:
    """Return a whole HTML document around `body`."""
    language = market.locale.replace("_", "-")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} | Halden &amp; Moor</title>\n"
        f'<link rel="stylesheet" href="/shop.css">\n{head}\n</head>\n<body>\n'
        f'<header><a href="/">Halden &amp; Moor</a>'
        f"<span>{market.code.upper()} · {market.currency}</span></header>\n"
        f"<main>\n{body}\n</main>\n"
        f"<footer><span>An invented shop for trying things out</span></footer>\n</body>\n</html>\n"
    )


def product_page(item: Item, base: str, buy_box: str, head: str = "") -> str:
    """Return the document of a product: picture, the given buy box, and what stands around one.

    `base` is the shop's address without a slash at its end.
    """
    words = WORDS[item.market.code]
    trail = " / ".join(escape(name) for name in item.category)
    canonical = f'<link rel="canonical" href="{base}{item.path}">'
    body = (
        f'<nav class="trail">{trail}</nav>\n<div class="product">\n'
        f'<img src="/img/{item.sku}.svg" alt="{escape(item.name)}" width="480" height="480">\n'
        f'<div class="buy-box">\n{buy_box}\n<p class="hint">{words.instalment} '
        f"{money(_part(item, 12), item.market)}<br>"
        f"{words.shipping} {money(_part(item, 2), item.market)}</p>\n"
        f"{_button(item)}</div>\n</div>\n{_others(item)}"
    )
    return frame(item.market, item.name, body, f"{canonical}\n{head}")


def plain_box(item: Item) -> str:
    """Return a buy box for people alone: no name, no attribute in it tells a machine anything."""
    out = " out" if item.offer.availability == "out_of_stock" else ""
    return (
        f"<h1>{escape(item.name)}</h1>\n<p>{escape(item.brand)}</p>\n"
        f'<p><span class="amount">{money(item.offer.price, item.market)}</span>{struck_price(item)}</p>\n'
        f'<p class="stock{out}">{WORDS[item.market.code].stock(item.offer.availability)}</p>'
    )


def struck_price(item: Item) -> str:
    """Return the struck-through list price, or nothing."""
    if item.offer.list_price is None:
        return ""
    return f'<del class="price-was">{money(item.offer.list_price, item.market)}</del>'


def _part(item: Item, of: int) -> Decimal:
    return (item.offer.price / of).quantize(Decimal(1) if item.market.currency == "JPY" else Decimal("0.01"))


def _button(item: Item) -> str:
    if item.offer.availability == "out_of_stock":
        return ""
    return f'<form method="post" action="/basket"><button>{WORDS[item.market.code].buy}</button></form>\n'


def _others(item: Item) -> str:
    cards = "".join(
        f'<div class="card">{name}<br>{money(_part(item, of), item.market)}</div>'
        for name, of in (("Care kit", 3), ("Gift box", 5), ("Spare part", 7))
    )
    return f'<h2>{WORDS[item.market.code].others}</h2>\n<div class="others">{cards}</div>'
