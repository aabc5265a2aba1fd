"""Which addresses may stand in a definition, and which must be a secret: what is frozen with a run is kept and shown.

An address of a chat, a webhook or a monitor is as good as a password: whoever has it can write there. Only
what cannot hold a credential may stand as it is.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

NOT_SHOWN: Final = "not shown, it may hold a credential"
REFER_INSTEAD: Final = (
    "secret:NAME, with the address kept as the secret NAME (an environment variable of that name, or as "
    "`shelfbeat secrets check` says): it could hold a credential"
)
_WEB: Final = frozenset({"http", "https"})
_STORES: Final = frozenset({"s3", "gs", "az", "abfss", "file", "secret"})
_MAIL: Final = frozenset({"mailto", "mailtos"})
_HOOKS: Final = frozenset({"json", "jsons", "form", "forms", "xml", "xmls"})
_MAIL_KEYS: Final = frozenset(
    {"to", "cc", "bcc", "from", "name", "reply", "smtp", "mode", "format", "verify", "cto", "rto"}
)
_MAILBOX: Final = re.compile(
    r"""
      (?: "[^"]*" | [^\s,;<>"]* ) \s* < ([^<>]*@[^<>]*) >  # what is before it is a name
    | ' ([^\s,;:<>"']+@[^\s,;:<>"']+) '
    | ([^\s,;:<>"]+@[^\s,;:<>"]+)  # a colon ends a name or `mailto`
    """,
    re.VERBOSE,
)
_LOGIN: Final = re.compile(r"//[^\s'\"]*@")


def is_open_notice(address: str) -> bool:
    """Whether a notification address cannot hold a credential: e-mail without a password, a bare host."""
    parts = _split(address)
    if parts is None:
        return False
    if parts.scheme in _MAIL:
        keys = {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
        login = (parts.netloc or parts.path).rpartition("@")[0]
        return ":" not in login and keys <= _MAIL_KEYS and not parts.fragment
    rest = (parts.path.strip("/"), parts.query, parts.fragment)
    return parts.scheme in _HOOKS and "@" not in parts.netloc and not any(rest)


def has_login(address: str) -> bool:
    """Whether a web address names a user or password before its host."""
    parts = _split(address)
    if parts is None:
        return "@" in address
    return parts.scheme in _WEB and "@" in parts.netloc


def has_unwritable_recipient(address: str) -> bool:
    """Whether an e-mail address names a recipient beyond ASCII: Apprise leaves it out, and nobody hears."""
    parts = _split(address)
    if parts is None or parts.scheme not in _MAIL:
        return False
    return not all(found.isascii() for found in (parts.netloc, *named_recipients(address)))


def named_recipients(address: str) -> list[str]:
    """Return the mailboxes that an e-mail address names in its path, `to`, `cc` and `bcc`; none for another address.

    Without the names of their people and without a domain's final dot, otherwise as written.
    """
    parts = _split(address)
    if parts is None or parts.scheme.lower() not in _MAIL:
        return []
    told = [part.partition("=") for part in parts.query.split("&")]
    texts = [*parts.path.split("/"), *(text for key, _, text in told if key.lower() in {"to", "cc", "bcc"})]
    # A + is one: only a form's query means a space by it, and Apprise reads this one otherwise.
    found = (match for text in texts for match in _MAILBOX.finditer(unquote(text)))
    return [match[match.lastindex or 0].strip().removesuffix(".") for match in found]


def may_hold_credential(value: str) -> bool:
    """Whether a value of any kind is an address that must be a secret."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", value):
        return False
    parts = _split(value)
    if parts is None or parts.scheme in _WEB | _STORES:
        return "@" in (value if parts is None else parts.netloc)
    return not is_open_notice(value)


def without_login(text: str) -> str:
    """Return a text with user and password of every address in it left out."""
    return _LOGIN.sub("//…@", text) if "@" in text else text


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that are no IPv6 address
        return None
