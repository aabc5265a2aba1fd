"""One message to one address, one attempt: what became of it, and whether trying again is safe.

Everything goes through Apprise but e-mail: Apprise reads the `mailto://` address, and we speak SMTP, because
only so a message keeps the same Message-ID on every attempt (mail programs then show it once), carries our
own plain text beside the HTML, and the server's answer is known word for word.

Apprise is loaded at the first send: it is a tenth of a second that no command should wait for.
"""

import hashlib
import re
import time
from typing import TYPE_CHECKING, Final, Literal, TypeGuard
from urllib.parse import urlsplit

import msgspec
import structlog

from exporters.messages.apprise_answers import Heard, verdict
from exporters.messages.fitting import subject_and_text
from exporters.messages.smtp import Letter, Mailbox, send
from jobs.addresses import named_recipients
from jobs.secrets import is_reference
from reports.message import Kind, Message

if TYPE_CHECKING:
    import apprise
    from apprise.plugins.email.base import NotifyEmail

log = structlog.get_logger()

Outcome = Literal["delivered", "refused", "failed", "unknown"]
"""`delivered`: taken. `refused`: never will be, a person must act. `failed`: not taken, try again.
`unknown`: the answer was lost; it may have been taken."""

_CONNECT_S: Final = 10.0
_READ_S: Final = 30.0
"""Apprise's own 4 s would give up on a slow webhook that does take the message: a second copy would follow."""
_OPEN_HOOKS: Final = frozenset({"json", "jsons", "form", "forms", "xml", "xmls", "apprise", "apprises"})


_TYPES: Final[dict[Kind, Literal["success", "failure"]]] = {
    "delivered": "success",
    "recovered": "success",
    "failed": "failure",
    "never_started": "failure",
}
"""The colour that chat programs give a message; a warning's where nothing else is said."""
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,19})://")
_WRITABLE: Final = "recipients are ASCII without quotes, info@xn--mller-kva.de for info@müller.de"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")


class Delivery(msgspec.Struct, frozen=True):
    """One attempt. JSON by msgspec; holds no credentials."""

    channel: str
    """For people and the ledger: `E-mail to ops@acme.example`, `Slack 3f9a`."""
    outcome: Outcome
    answer: str
    """What the other side said, in its words where it had any."""
    elapsed_s: float

    @property
    def ok(self) -> bool:
        """Whether the channel took the message."""
        return self.outcome == "delivered"


def channel_name(address: str, reference: str = "") -> str:
    """Return an address's name for people: the same every time, without any credential.

    Where it came from a secret's `reference`, that names it, its kind beside it: `secret:ACME_HOOK (Slack)`. Two
    other addresses of one service differ by four digits of a digest. What is no address has at most its scheme shown.
    """
    service = _service(address)
    if service is None:  # it may be a secret as a whole, such as a bare token
        scheme = _SCHEME.match(address)
        known = scheme[1] if scheme else "a text without scheme"
        return f"{reference if is_reference(reference) else known} (not an address)"
    kind = _kind(service, address)
    if is_reference(reference):
        return f"{reference} ({kind})"
    return kind if _is_mail(service) else f"{kind} {hashlib.sha256(address.encode()).hexdigest()[:4]}"


def _kind(service: "apprise.NotifyBase", address: str) -> str:
    if _is_mail(service):
        return "E-mail to " + ", ".join(sorted(target for _, target in service.targets))
    if urlsplit(address).scheme.lower() in _OPEN_HOOKS:
        return f"{service.service_name} {service.host}"
    return str(service.service_name)


def server_of(address: str) -> tuple[str, int] | None:
    """Return host and port of the server that takes messages for an address; None for what is no address."""
    service = _service(address)
    if service is None:
        return None
    if _is_mail(service):
        mailbox = _mailbox(service)
        return mailbox.host, mailbox.port
    web = urlsplit(str(getattr(service, "notify_url", "") or ""))
    if web.hostname and "{" not in web.hostname:
        return web.hostname, web.port or (443 if web.scheme == "https" else 80)
    return str(service.host), service.port or (443 if service.secure else 80)


def unheard(address: str) -> list[str]:
    """Return the recipients that an e-mail address names and Apprise leaves out, or cuts short, without a word."""
    service = _service(address)
    if service is None or not _is_mail(service):
        return []
    known = {*(target for _, target in service.targets), *service.cc, *service.bcc}
    heard = {found.lower() for found in known}
    return [found for found in named_recipients(address) if found.lower() not in heard]


def deliver(address: str, message: Message, message_id: str, reference: str = "") -> Delivery:
    """Send a message once and return what became of it; never raises for what the other side does.

    `message_id` names the message on every attempt: the run and the channel, letters, digits, - and dots.
    `reference` is the secret's that the address came from, if any.
    """
    started = time.monotonic()
    service = _service(address)
    if service is None:
        outcome: Outcome = "refused"
        answer = "no address that Apprise can read"
    elif left_out := unheard(address):
        outcome = "refused"
        answer = f"nobody was written to: Apprise cannot write to {', '.join(left_out)}; {_WRITABLE}"
    elif _is_mail(service):
        outcome, answer = send(_mailbox(service), _letter(service, message, message_id))
    else:
        outcome, answer = _notify(service, message)
    name = channel_name(address, reference)
    delivery = Delivery(name, outcome, answer, round(time.monotonic() - started, 3))
    log.info("message_sent", channel=name, outcome=outcome, elapsed_s=delivery.elapsed_s)
    return delivery


def _is_mail(service: "apprise.NotifyBase") -> "TypeGuard[NotifyEmail]":
    from apprise.plugins.email.base import NotifyEmail  # noqa: PLC0415 - see the module's docstring

    return isinstance(service, NotifyEmail)


def _service(address: str) -> "apprise.NotifyBase | None":
    import apprise  # noqa: PLC0415 - see the module's docstring

    with Heard():  # its complaints name the address
        service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if service is None:
        return None
    if "cto=" not in address:
        service.socket_connect_timeout = _CONNECT_S
    if "rto=" not in address:
        service.socket_read_timeout = _READ_S
    return service


def _notify(service: "apprise.NotifyBase", message: Message) -> tuple[Outcome, str]:
    from apprise import NotifyFormat, NotifyType  # noqa: PLC0415 - see the module's docstring

    html = service.notify_format in {NotifyFormat.HTML, (NotifyFormat.HTML,)}
    title, text = subject_and_text(message, str(service.service_name), service.body_maxlen)
    with Heard() as heard:
        taken = service.notify(
            title=title,
            notify_type=NotifyType(_TYPES.get(message.kind, "warning")),
            body=message.html if html else text,
            body_format=NotifyFormat.HTML if html else NotifyFormat.TEXT,
        )
    return verdict(bool(taken), heard.lines)


def _mailbox(service: "NotifyEmail") -> Mailbox:
    security = service.secure_mode or "insecure"
    return Mailbox(
        host=service.smtp_host,
        port=service.port or {"ssl": 465, "starttls": 587}.get(security, 25),
        security=security,
        user=service.user if service.password else None,
        password=service.password or None,
        verify=bool(service.verify_certificate),
        timeout_s=_READ_S,
    )


def _letter(service: "NotifyEmail", message: Message, message_id: str) -> Letter:
    sender_name, sender = service.from_addr
    return Letter(
        message_id=_UNSAFE.sub("-", message_id),
        subject=message.subject,
        text=message.text,
        html=message.html,
        sender=(str(sender_name or "Shelfbeat"), str(sender)),
        to=tuple((str(name or ""), str(target)) for name, target in service.targets),
        cc=tuple(sorted(service.cc)),
        bcc=tuple(sorted(service.bcc)),
        reply_to=tuple(sorted(service.reply_to)),
        headers=dict(service.headers),
    )
