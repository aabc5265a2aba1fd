"""Generated product pages of about 100 KB, as shops send them: mostly markup, scripts and a little data."""

import gzip
import json
import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_SYLLABLES: Final = ("ka", "lo", "mi", "ter", "an", "vo", "si", "rel", "dun", "pa", "eth", "or", "qui", "zan")


@dataclass(frozen=True)
class GeneratedPage:
    """One page and what a reader must find on it."""

    path: str
    html: bytes
    gzipped: bytes
    name: str
    price: Decimal


def generate(count: int, seed: int = 4, size: float = 1.0) -> list[GeneratedPage]:
    """Return `count` pages: 86 % with JSON-LD, the rest with microdata or OpenGraph alone.

    `size` scales what surrounds the product; 1 makes pages of about 100 KB.
    """
    dice = random.Random(seed)
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(3_000)]
    return [_page(number, dice, words, size) for number in range(count)]


def _page(number: int, dice: random.Random, words: list[str], size: float) -> GeneratedPage:
    name = " ".join(dice.choices(words, k=4)).title()
    price = Decimal(dice.randint(199, 99_999)) / 100
    kind = dice.random()
    head, offer = _jsonld(number, name, price, dice) if kind < 0.86 else _markup(name, price, kind < 0.93)
    chrome = _chrome(dice, words, size)
    body = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{name} | Shop</title>{head}'
        f"<style>{_style(dice, size)}</style></head><body>{chrome[0]}<main>{offer}{chrome[1]}</main>"
        f"<script>{_script(dice, words, size)}</script></body></html>"
    ).encode()
    return GeneratedPage(f"/p/{number}", body, gzip.compress(body, 6), name, price)


def _jsonld(number: int, name: str, price: Decimal, dice: random.Random) -> tuple[str, str]:
    product = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": name,
        "sku": f"SKU-{number}",
        "mpn": f"M{number:05d}",
        "gtin13": _gtin13(number),
        "brand": {"@type": "Brand", "name": "Terlomi"},
        "image": [f"https://cdn.shop.example/{number}-{index}.jpg" for index in range(4)],
        "description": name * 5,
        "offers": {
            "@type": "Offer",
            "price": str(price),
            "priceCurrency": "EUR",
            "availability": f"https://schema.org/{dice.choice(('InStock', 'OutOfStock'))}",
            "url": f"https://shop.example/p/{number}",
        },
    }
    crumbs = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": []}
    head = "".join(
        f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in (crumbs, product)
    )
    return head, _visible(name, price, dice)


def _visible(name: str, price: Decimal, dice: random.Random) -> str:
    """What people see; one page in five shows a struck-through price beside the price."""
    was = f'<del class="price-old">{price * 2} &euro;</del>' if dice.random() < 0.2 else ""
    return f'<h1>{name}</h1><div class="price-box">{was}<span class="price">{price} &euro;</span></div>'


def _markup(name: str, price: Decimal, microdata: bool) -> tuple[str, str]:
    if not microdata:
        head = (
            f'<meta property="og:type" content="product"><meta property="og:title" content="{name}">'
            f'<meta property="product:price:amount" content="{price}">'
            '<meta property="product:price:currency" content="EUR">'
        )
        return head, f'<h1>{name}</h1><span class="price">{price} &euro;</span>'
    offer = (
        f'<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">{name}</h1>'
        '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">'
        f'<span itemprop="price" content="{price}">{price}</span><meta itemprop="priceCurrency" content="EUR">'
        '<link itemprop="availability" href="https://schema.org/InStock"></div></div>'
    )
    return "", offer


def _chrome(dice: random.Random, words: list[str], size: float) -> tuple[str, str]:
    """Navigation and tiles: the most of a page, and what a tree parser spends its time on."""
    links = "".join(
        f'<li class="nav-item nav-{index % 7}"><a class="nav-link" href="/c/{word}/{index}">{word}</a></li>'
        for index, word in enumerate(dice.choices(words, k=round(220 * size)))
    )
    tiles = "".join(
        f'<div class="tile tile--{index % 5}" data-id="{dice.getrandbits(40):x}"><a href="/t/{dice.getrandbits(32):x}">'
        f'<img loading="lazy" src="https://cdn.shop.example/{dice.getrandbits(60):x}.jpg" alt="{word}">'
        f"<span>{' '.join(dice.choices(words, k=6))}</span></a></div>"
        for index, word in enumerate(dice.choices(words, k=round(210 * size)))
    )
    return f'<nav><ul class="menu">{links}</ul></nav>', f"<section>{tiles}</section>"


def _style(dice: random.Random, size: float) -> str:
    return "".join(
        f".c{index}{{margin:{dice.randint(0, 40)}px;color:#{dice.getrandbits(24):06x}}}"
        for index in range(round(250 * size))
    )


def _script(dice: random.Random, words: list[str], size: float) -> str:
    rules = (
        f"f{index}=function(a,b){{return a.{word}+b*{dice.getrandbits(12)}}};"
        for index, word in enumerate(dice.choices(words, k=round(500 * size)))
    )
    return "var " + "".join(rules).rstrip(";")


def _gtin13(number: int) -> str:
    digits = f"40{number:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)
