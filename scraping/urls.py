"""What a URL must be to be asked for: http or https, a host, no credentials, a port that is allowed. Pure."""

from dataclasses import dataclass

from yarl import URL

from reports.errors import PageError

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was found fit to ask for."""

    url: URL
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: cookies and validators never leave it."""
        return (self.url.scheme, self.host, self.port)


def parse_target(text: str) -> Target:
    """Return the URL as it will be asked for, fragment dropped.

    Raises PageError `bad_url` for what is no http(s) URL, holds credentials or no host.
    """
    try:
        url = URL(text.strip())
        port = url.port
        host = url.raw_host
    except (ValueError, UnicodeError) as error:
        raise PageError("bad_url", f"not a URL: {error}") from error
    if url.scheme not in _DEFAULT_PORTS:
        raise PageError("bad_url", "not an http or https URL")
    if not host or port is None:
        raise PageError("bad_url", "the URL names no host")
    if url.raw_user is not None or url.raw_password is not None:
        raise PageError("bad_url", "the URL holds credentials")
    return Target(url.with_fragment(None) if url.raw_fragment else url, host.lower(), port)


def host_of(text: str) -> str:
    """Return the host of a URL in small letters; "" for what has none. Never raises."""
    try:
        return (URL(text.strip()).raw_host or "").lower()
    except (ValueError, UnicodeError):
        return ""
