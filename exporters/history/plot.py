"""A product's price over time as one SVG, alone or in an HTML page: opens anywhere, loads nothing. Pure.

From top to bottom: the product, a strip with the days on which it could not be had, the prices as stepped lines,
the dates, and a line of words for each colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import Final

from exporters.history.store import Observation

_WIDTH: Final = 960
_LEFT, _RIGHT = 88, 24
_STRIP_TOP: Final = 48
_BAR: Final = 7
_PLOT_HEIGHT: Final = 270
_DATES_HEIGHT: Final = 44
_WORDS_HEIGHT: Final = 20
_COLOURS: Final = ("#174ea6", "#b3261e", "#1a7f4b", "#8430ce", "#e37400", "#007b83")
_UNAVAILABLE: Final = frozenset({"out_of_stock", "discontinued"})
_STEPS: Final = 4


@dataclass(frozen=True)
class _Line:
    """What one job saw of one URL in one currency."""

    name: str
    colour: str
    seen: Sequence[Observation]


class _Scale:
    """Places of times and amounts in the picture."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        seen = [item for line in lines for item in line.seen]
        times = [item.due_at for item in seen]
        prices = [item.price for item in seen if item.price is not None]
        self.first, self.last = min(times), max(times)
        if self.first == self.last:
            self.first, self.last = self.first - timedelta(days=1), self.last + timedelta(days=1)
        self.low, self.high = (min(prices), max(prices)) if prices else (Decimal(0), Decimal(1))
        if self.low == self.high:
            self.low, self.high = self.low * Decimal("0.9"), self.high * Decimal("1.1") + 1
        gone = any(item.availability in _UNAVAILABLE for item in seen)
        self.top = _STRIP_TOP + (_BAR * len(lines) + 10 if gone else 0)
        self.bottom = self.top + _PLOT_HEIGHT

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, amount: Decimal) -> float:
        share = float((amount - self.low) / (self.high - self.low))
        return round(self.bottom - share * _PLOT_HEIGHT, 1)


def svg(product: str, seen: Sequence[Observation]) -> str:
    """Return the timeline as SVG: one stepped line per job, URL and currency; bars where it could not be had."""
    if not seen:
        nothing = f'<text x="{_LEFT}" y="{_STRIP_TOP + 20}">Nothing is known of it.</text>'
        return _picture(product, [nothing], _STRIP_TOP + _DATES_HEIGHT)
    ordered = sorted(seen, key=lambda item: (_name(item), item.due_at))
    lines = [
        _Line(name, _COLOURS[number % len(_COLOURS)], list(items))
        for number, (name, items) in enumerate(groupby(ordered, key=_name))
    ]
    scale = _Scale(lines)
    drawn = [_grid(scale)]
    for number, line in enumerate(lines):
        drawn += _gone(scale, line, _STRIP_TOP + _BAR * number)
        drawn += _prices(scale, line)
        drawn.append(_words(line, scale.bottom + _DATES_HEIGHT + _WORDS_HEIGHT * number))
    title = next((item.name for item in reversed(seen) if item.name), product)
    return _picture(title, drawn, scale.bottom + _DATES_HEIGHT + _WORDS_HEIGHT * len(lines))


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
    return f"{item.job} · {item.currency or 'no currency'} · {item.url}"


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
        # The outer dates end where the picture does.
        anchor = "start" if step == 0 else "end" if step == _STEPS else "middle"
        place = f'x="{scale.x(at)}" y="{scale.bottom + 20}"'
        parts.append(f'<text {place} text-anchor="{anchor}">{at:%d %b %Y}</text>')
    if scale.top > _STRIP_TOP:
        parts.append(f'<text x="{_LEFT - 8}" y="{_STRIP_TOP + 8}" text-anchor="end">out of stock</text>')
    return "".join(parts)


def _gone(scale: _Scale, line: _Line, top: int) -> list[str]:
    """Return a bar for every time without stock; a state holds until the next observation."""
    drawn = []
    ends = [item.due_at for item in line.seen[1:]] + [scale.last]
    for item, end in zip(line.seen, ends, strict=True):
        if item.availability in _UNAVAILABLE:
            x, width = scale.x(item.due_at), max(4.0, scale.x(end) - scale.x(item.due_at))
            drawn.append(
                f'<rect x="{x}" y="{top}" width="{width:.1f}" height="{_BAR - 1}" fill="{line.colour}">'
                f"<title>{escape(line.name)}: out of stock</title></rect>"
            )
    return drawn


def _prices(scale: _Scale, line: _Line) -> list[str]:
    """Return one stepped line with its marks; a price holds until the next one."""
    drawn, path = [], ""
    for item in line.seen:
        if item.price is None:
            continue
        x, y = scale.x(item.due_at), scale.y(item.price)
        path += f"H{x}V{y}" if path else f"M{x} {y}"
        drawn.append(
            f'<circle cx="{x}" cy="{y}" r="2.5" fill="{line.colour}"><title>{item.due_at:%Y-%m-%d %H:%M} '
            f"{_amount(item.price, item.currency)} {escape(item.availability)}</title></circle>"
        )
    if path:
        told = f"<title>{escape(line.name)}</title>"
        drawn.append(f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="2">{told}</path>')
    return drawn


def _words(line: _Line, y: int) -> str:
    """Return what a colour stands for."""
    name = line.name if len(line.name) <= 120 else line.name[:119] + "…"
    return (
        f'<rect x="{_LEFT}" y="{y - 6}" width="16" height="3" fill="{line.colour}"/>'
        f'<text x="{_LEFT + 24}" y="{y}">{escape(name)}</text>'
    )


def _picture(title: str, drawn: list[str], height: int) -> str:
    title = title if len(title) <= 100 else title[:99] + "…"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" font-family="system-ui,sans-serif" font-size="12" fill="#5f6368">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        f'<text x="{_LEFT}" y="28" font-size="16" fill="#202124">{escape(title)}</text>'
        f"{''.join(drawn)}</svg>"
    )
