"""What a URL must be to be asked for: http or https, a host, no credentials, a port. Pure."""

import re
from typing import Final

import msgspec
from yarl import URL

from reports.errors import PageError

_PORTS: Final = {"http": 80, "https": 443}
# The form that nearly all product URLs have: parsed here in a tenth of the time, anything else goes to yarl.
_PLAIN: Final = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?((?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)(?:\?[A-Za-z0-9._~/?=&+-]+)?)"
)


class Target(msgspec.Struct, frozen=True):
    """A URL that was found fit to ask for."""

    text: str
    """As given."""
    origin: tuple[str, str, int]
    """Scheme, host and port: cookies and headers never leave it."""
    path: str
    """Path and query as sent."""
    authority: str
    """Host and port as the Host header names them."""

    @property
    def host(self) -> str:
        """The host in small letters."""
        return self.origin[1]

    @property
    def port(self) -> int:
        """The port that is connected to."""
        return self.origin[2]

    @property
    def url(self) -> str:
        """The URL as asked for: encoded, without fragment."""
        return f"{self.origin[0]}://{self.authority}{self.path}"


def parse_target(text: str) -> Target:
    """Return the URL as it will be asked for, fragment dropped.

    Raises PageError `bad_url` for what is no http(s) URL, holds credentials or no host.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and "/." not in text:
        scheme, host, digits, path = plain.groups()
        port = int(digits) if digits else _PORTS[scheme]
        if 0 < port < 65_536:
            authority = host if port == _PORTS[scheme] else f"{host}:{port}"
            return Target(text, (scheme, host, port), path, authority)
    return _parse_any(text)


def _parse_any(text: str) -> Target:
    try:
        url = URL(text.strip())
        port, host, authority = url.port, url.raw_host, url.host_port_subcomponent
    except (ValueError, UnicodeError) as error:
        raise PageError("bad_url", f"not a URL: {error}"[:300]) from error
    if url.scheme not in _PORTS:
        raise PageError("bad_url", "not an http or https URL")
    if not host or not port or authority is None:
        raise PageError("bad_url", "the URL names no host")
    if url.raw_user is not None or url.raw_password is not None:
        raise PageError("bad_url", "the URL holds credentials")
    return Target(text, (url.scheme, host.lower(), port), url.raw_path_qs, authority)


def join(base: Target, location: str) -> Target:
    """Return where a redirect from `base` leads. Raises PageError `bad_url`."""
    try:
        return parse_target(str(URL(base.url).join(URL(location))))
    except (ValueError, UnicodeError) as error:
        raise PageError("bad_url", f"redirected to what is not a URL: {location[:200]!r}") from error
