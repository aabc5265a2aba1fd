"""A product's price over time as one SVG, alone or in an HTML page: opens anywhere, loads nothing. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import Final

from exporters.history import Observation

_WIDTH: Final = 960
_HEIGHT: Final = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 24, 48, 44
_COLOURS: Final = ("#174ea6", "#b3261e", "#1a7f4b", "#8430ce", "#e37400", "#007b83")
_GONE: Final = "#f4c7c3"
_UNAVAILABLE: Final = frozenset({"out_of_stock", "discontinued"})
_STEPS: Final = 4


class _Scale:
    """Places of times and amounts in the picture."""

    def __init__(self, seen: Sequence[Observation]) -> None:
        times = [item.due_at for item in seen]
        prices = [item.price for item in seen if item.price is not None]
        self.first, self.last = min(times), max(times)
        if self.first == self.last:
            self.first, self.last = self.first - timedelta(days=1), self.last + timedelta(days=1)
        self.low, self.high = (min(prices), max(prices)) if prices else (Decimal(0), Decimal(1))
        if self.low == self.high:
            self.low, self.high = self.low * Decimal("0.9"), self.high * Decimal("1.1") + 1

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, amount: Decimal) -> float:
        share = float((amount - self.low) / (self.high - self.low))
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def svg(product: str, seen: Sequence[Observation]) -> str:
    """Return the timeline as SVG: one stepped line per job, URL and currency; red where it could not be had."""
    if not seen:
        return _picture(product, [f'<text x="{_LEFT}" y="{_HEIGHT / 2}">Nothing is known of it.</text>'])
    scale = _Scale(seen)
    drawn = [_grid(scale)]
    ordered = sorted(seen, key=lambda item: (_name(item), item.due_at))
    for number, (name, items) in enumerate(groupby(ordered, key=_name)):
        drawn += _line(scale, list(items), name, _COLOURS[number % len(_COLOURS)], number)
    title = next((item.name for item in reversed(seen) if item.name), product)
    return _picture(title, drawn)


def page(product: str, seen: Sequence[Observation]) -> str:
    """Return an HTML page with the picture and the figures below it."""
    rows = "".join(
        f"<tr><td>{item.due_at:%Y-%m-%d %H:%M}</td><td>{escape(item.job)}</td>"
        f"<td>{_amount(item.price, item.currency)}</td><td>{_amount(item.list_price, item.currency)}</td>"
        f"<td>{escape(item.failure or item.availability.replace('_', ' '))}</td></tr>"
        for item in reversed(seen)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(product)}</title><style>body{{font:14px/1.5 system-ui,sans-serif;margin:2em}}"
        "td,th{padding:2px 16px 2px 0;text-align:left}svg{max-width:100%;height:auto}</style></head><body>"
        f"{svg(product, seen)}<table><tr><th>due (UTC)</th><th>job</th><th>price</th><th>list price</th>"
        f"<th>availability</th></tr>{rows}</table></body></html>\n"
    )


def _name(item: Observation) -> str:
    return f"{item.job} · {item.url} · {item.currency or '?'}"


def _amount(amount: Decimal | None, currency: str | None) -> str:
    return "" if amount is None else escape(f"{amount:,.2f} {currency or ''}".strip())


def _grid(scale: _Scale) -> str:
    parts = []
    for step in range(_STEPS + 1):
        amount = scale.low + (scale.high - scale.low) * step / _STEPS
        y = scale.y(amount)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#e8eaed"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{amount:,.2f}</text>')
        at = scale.first + (scale.last - scale.first) * step / _STEPS
        parts.append(
            f'<text x="{scale.x(at)}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{at:%d %b %Y}</text>'
        )
    return "".join(parts)


def _line(scale: _Scale, items: list[Observation], name: str, colour: str, number: int) -> list[str]:
    """Return one stepped line with its marks; a price holds until the next observation."""
    drawn = []
    ends = [item.due_at for item in items[1:]] + [scale.last]
    for item, end in zip(items, ends, strict=True):
        if item.availability in _UNAVAILABLE:
            x, width = scale.x(item.due_at), max(4.0, scale.x(end) - scale.x(item.due_at))
            drawn.append(
                f'<rect x="{x}" y="{_TOP + 4 * number}" width="{width:.1f}" height="4" fill="{_GONE}">'
                f"<title>{escape(name)}: out of stock</title></rect>"
            )
    priced = [(item, item.price) for item in items if item.price is not None]
    path = ""
    for item, price in priced:
        x, y = scale.x(item.due_at), scale.y(price)
        path += f"H{x}V{y}" if path else f"M{x} {y}"
        drawn.append(
            f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"><title>{item.due_at:%Y-%m-%d %H:%M} '
            f"{_amount(price, item.currency)} {escape(item.availability)}</title></circle>"
        )
    if path:
        drawn.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"><title>{escape(name)}</title></path>'
        )
    return drawn


def _picture(title: str, drawn: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="system-ui,sans-serif" font-size="12" fill="#5f6368">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="{_LEFT}" y="28" font-size="16" fill="#202124">{escape(title[:100])}</text>'
        f"{''.join(drawn)}</svg>"
    )
