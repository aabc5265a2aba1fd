"""Pages that sell nothing, as real shops send them: soft 404, block, consent wall, empty shell, listing."""

from html import escape
from typing import Final

from console.demo.catalogue import Answer, Item
from console.demo.layout import frame, money
from console.demo.words import WORDS

STATUS: Final[dict[Answer, int]] = {
    "soft_404": 200,
    "not_found": 404,
    "error_500": 500,
    "blocked": 200,
    "forbidden": 403,
    "consent": 200,
    "js_shell": 200,
    "listing": 200,
}
"""HTTP status of each page that sells nothing."""


def render_fault(item: Item) -> str:
    """Return the document of a page that sells nothing."""
    match item.answer:
        case "soft_404" | "not_found":
            return _missing(item)
        case "blocked" | "forbidden":
            return _challenge(item)
        case "consent":
            return _consent(item)
        case "js_shell":
            return _shell()
        case "listing":
            return _listing(item)
        case _:
            return frame(item.market, "Error", "<h1>Internal server error</h1><p>Please try again later.</p>")


def _missing(item: Item) -> str:
    title = "404" if item.answer == "not_found" else "Page not found"
    text = WORDS[item.market.code].missing
    return frame(item.market, title, f'<h1>{title}</h1><p>{escape(text)}</p><p><a href="/">Home</a></p>')


def _challenge(item: Item) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Access denied</title>\n'
        '<meta name="robots" content="noindex"></head>\n<body><h1>Pardon our interruption</h1>\n'
        "<p>Something about your browser made us think you are a bot. "
        "Please verify you are a human: enable cookies and JavaScript, then solve the CAPTCHA.</p>\n"
        f'<form id="captcha-form"><input name="captcha"></form>'
        f"<p>Reference: {item.number:08x}</p></body></html>\n"
    )


def _consent(item: Item) -> str:
    text = (
        "<h1>Before you continue</h1><p>We and our partners use cookies to store and access information "
        "on your device. To continue to the shop, please accept cookies or manage your choices.</p>"
        '<form action="/consent" method="post"><button name="consent" value="all">Accept all cookies</button>'
        '<button name="consent" value="none">Reject all</button></form>'
    )
    return frame(item.market, "Before you continue: your privacy", text)


def _shell() -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<title>Halden &amp; Moor</title></head>\n"
        '<body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>\n'
        '<script src="/static/main.js"></script></body></html>\n'
    )


def _listing(item: Item) -> str:
    cards = "".join(
        f'<div class="card"><a href="/{item.market.code}/p/{number}">'
        f"{escape(item.category[1])} no. {number}</a><br>"
        f"{money(item.offer.price + number, item.market)}</div>"
        for number in range(1, 25)
    )
    heading = escape(item.category[1])
    return frame(
        item.market, item.category[1], f'<h1>{heading}</h1><p>24 of 96</p><div class="others">{cards}</div>'
    )
