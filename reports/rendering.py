"""Templates to text: amounts, times and spans as people read them; texts from pages made harmless."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from jobs.units import format_duration
from reports.money import usual_places
from reports.quality import percent
from reports.reasons import counted_reasons, words_of
from reports.wording import counted

_TEMPLATES: Final = Path(__file__).with_name("templates")
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")
# Chats read these in plain text: <!channel> and <@U1> in Slack, @everyone elsewhere. Look-alikes do nothing.
_CALLS: Final = str.maketrans(
    {
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "@": "\N{FULLWIDTH COMMERCIAL AT}",
    }
)
_CALLS_IN_URL: Final = str.maketrans({"<": "%3C", ">": "%3E", "@": "%40"})
_MINUS: Final = "\N{MINUS SIGN}"


def render(template: str, values: Mapping[str, object]) -> tuple[str, str]:
    """Return the plain text and the HTML of a template pair, `<template>.txt.j2` and `<template>.html.j2`."""
    text = _ENVIRONMENT.get_template(f"{template}.txt.j2").render(values)
    html = _ENVIRONMENT.get_template(f"{template}.html.j2").render(values)
    return tidied(text), html


def tidied(text: str) -> str:
    """Return a text without empty lines in a row, at its ends or of spaces alone."""
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip() + "\n"


def one_line(text: object, length: int = 120) -> str:
    """Return a text on one line, control characters gone, shortened to `length`."""
    line = _SPACE.sub(" ", str(text)).strip()
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def harmless(text: object, length: int = 120) -> str:
    """Return a page's text for a chat: one line that calls nobody and marks nothing up."""
    return one_line(text, length).translate(_CALLS)


def harmless_url(url: object, length: int = 500) -> str:
    """Return a URL for a chat, where it still leads to its page."""
    return _SPACE.sub("%20", str(url).strip())[:length].translate(_CALLS_IN_URL)


def amount(value: Decimal, currency: str | None) -> str:
    """Return `1,234.50 EUR` or `1,234 JPY`: as many decimals as the currency has, or the amount."""
    return f"{usual_places(Decimal(value), currency):,f}{f' {currency}' if currency else ''}"


def signed_percent(value: Decimal | None) -> str:
    """Return `+12.5 %` or a minus and `3 %`; "" for none."""
    if value is None:
        return ""
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return f"{sign}{abs(value).normalize():,f} %"


def moment(at: datetime, zone: str) -> str:
    """Return a time as the job's zone shows it: `Mon 23 Nov, 06:00 CET`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%a %-d %b, %H:%M %Z")


def span(value: timedelta) -> str:
    """Return `1h12m`, to the second below a minute and to the minute above."""
    seconds = max(0, round(value.total_seconds()))
    return format_duration(timedelta(seconds=seconds if seconds < 60 else seconds - seconds % 60))


def worded(name: str) -> str:
    """Return a word of the ledger or of a row as people read it: `out_of_stock` is `out of stock`."""
    return name.replace("_", " ")


def is_link(address: str | None) -> bool:
    """Whether an address may become a link: http or https, nothing that runs."""
    return bool(address) and str(address)[:8].lower().startswith(("http://", "https://"))


class _Undefined(StrictUndefined):
    """A name that there is not, told with the nearest that there is."""

    @property
    def _undefined_message(self) -> str:
        said = super()._undefined_message
        of = self._undefined_obj
        known = list(of) if isinstance(of, Mapping) else [name for name in dir(of) if name[0] != "_"]
        near = get_close_matches(str(self._undefined_name), map(str, known), n=1)
        return f"{said}; nearest: {near[0]}" if near else said


def new_environment(kind: type[SandboxedEnvironment] = SandboxedEnvironment) -> SandboxedEnvironment:
    """Return what templates are filled in with: the built-in ones at hand, HTML escaped, nothing undefined."""
    environment = kind(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=_Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "one_line": one_line,
        "harmless": harmless,
        "harmless_url": harmless_url,
        "signed_percent": signed_percent,
        "percent": percent,
        "moment": moment,
        "span": span,
        "worded": worded,
        "counted_reasons": counted_reasons,
        "words_of": words_of,
    }
    environment.globals |= {"amount": amount, "counted": counted}
    environment.tests["link"] = is_link
    return environment


_ENVIRONMENT: Final = new_environment()
