"""Cookies of one visit: shops set one and redirect. They leave neither their origin nor the visit. Pure."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from scraping.urls import Target

_MOST = 50
_LONGEST = 4096


class Cookies:
    """Name and value per origin, for the redirects of one visit."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], dict[str, str]] = {}

    def keep(self, target: Target, headers: Iterable[str]) -> None:
        """Keep what an origin's Set-Cookie headers say; what cannot be read is dropped."""
        for header in headers:
            try:
                parsed = SimpleCookie(header[:_LONGEST])
            except CookieError:
                continue
            kept = self._kept.setdefault(target.origin, {})
            for name, morsel in parsed.items():
                if len(kept) < _MOST:
                    kept[name] = morsel.coded_value

    def header(self, target: Target) -> str:
        """Return the Cookie header for a request; "" for none."""
        kept = self._kept.get(target.origin)
        return "; ".join(f"{name}={value}" for name, value in kept.items()) if kept else ""
