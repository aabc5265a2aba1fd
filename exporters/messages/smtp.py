"""One letter by SMTP, step by step, so that what the server said is known and a lost answer is told apart."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

Outcome = Literal["delivered", "refused", "failed", "unknown"]


@dataclass(frozen=True)
class Mailbox:
    """How to reach the mail server. Credentials stay out of its repr."""

    host: str
    port: int
    security: str
    """`starttls`, `ssl` or `insecure`."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    verify: bool = True
    timeout_s: float = 30.0


@dataclass(frozen=True)
class Letter:
    """An e-mail: the same `message_id` on every attempt lets mail programs show it once."""

    message_id: str
    subject: str
    text: str
    html: str
    sender: tuple[str, str]
    """Name and address."""
    to: tuple[tuple[str, str], ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def recipients(self) -> list[str]:
        """Every address of the envelope, once."""
        return list(dict.fromkeys([*(address for _, address in self.to), *self.cc, *self.bcc]))


def compose(letter: Letter, now: datetime) -> EmailMessage:
    """Return the letter as a message of two alternatives, plain text and HTML. `now` must be aware."""
    name, sender = letter.sender
    domain = sender.rpartition("@")[2] or "localhost"
    # 7bit, because not every server on the way takes 8 bits.
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["Subject"] = " ".join(letter.subject.split())
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = [Address(to_name, addr_spec=address) for to_name, address in letter.to]
    if letter.cc:
        message["Cc"] = ", ".join(letter.cc)
    if letter.reply_to:
        message["Reply-To"] = ", ".join(letter.reply_to)
    message["Message-ID"] = f"<{letter.message_id}@{domain}>"
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    for header, value in letter.headers.items():
        if header not in message:
            message[header] = value
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def send(mailbox: Mailbox, letter: Letter) -> tuple[Outcome, str]:
    """Send one letter to all its recipients and return the outcome with the server's words.

    4xx is `failed`, 5xx `refused` (RFC 5321, 4.2.1). A connection that breaks while the server has the whole
    letter is `unknown`. Taken for some recipients and refused for others counts as delivered, and says so.
    """
    if not letter.recipients:
        return "refused", "the address names nobody whom a letter can be sent to"
    try:
        raw = compose(letter, datetime.now(UTC)).as_bytes()
    except ValueError as error:  # an address or header that cannot be written
        return "refused", f"no letter can be made of this address ({error})"
    handed_over = False
    try:
        with _connected(mailbox) as server:
            _expect(server.mail(letter.sender[1]), "sender")
            refused = _recipients(server, letter.recipients)
            code, words = server.docmd("DATA")
            if code != 354:
                return _said(code, words)
            handed_over = True
            server.send(_dotted(raw))
            return _answered(*server.getreply(), refused)
    except _Refusal as refusal:
        return _said(refusal.code, refusal.words)
    except smtplib.SMTPResponseException as error:  # greeting, STARTTLS, login
        return _said(error.smtp_code, error.smtp_error)
    except ssl.SSLCertVerificationError as error:
        return "refused", f"the server's certificate is not trusted ({error.verify_message})"
    except smtplib.SMTPNotSupportedError as error:
        return "refused", str(error)
    except (OSError, smtplib.SMTPException) as error:
        # SMTPServerDisconnected is an OSError; so are time-outs and refused connections.
        kind = type(error).__name__
        if handed_over:
            return "unknown", f"the server had the letter and did not answer ({kind})"
        return "failed", f"no conversation with the mail server ({kind})"


class _Refusal(Exception):  # noqa: N818
    def __init__(self, code: int, words: bytes) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words


@contextmanager
def _connected(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if not mailbox.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    server: smtplib.SMTP
    if mailbox.security == "ssl":
        server = smtplib.SMTP_SSL(mailbox.host, mailbox.port, timeout=mailbox.timeout_s, context=context)
    else:
        server = smtplib.SMTP(mailbox.host, mailbox.port, timeout=mailbox.timeout_s)
    try:
        if mailbox.security == "starttls":
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if mailbox.user and mailbox.password:
            server.login(mailbox.user, mailbox.password)
        yield server
        with contextlib.suppress(OSError, smtplib.SMTPException):  # the letter is dealt with by now
            server.quit()
    finally:
        server.close()


def _recipients(server: smtplib.SMTP, recipients: list[str]) -> list[str]:
    """Name the recipients and return those refused. Raises _Refusal when all are."""
    refused: list[str] = []
    last = (250, b"")
    for address in recipients:
        answer = server.rcpt(address)
        if answer[0] not in {250, 251}:
            refused.append(address)
            last = answer
    if len(refused) == len(recipients):
        raise _Refusal(*last)
    return refused


def _expect(answer: tuple[int, bytes], what: str) -> None:
    if answer[0] >= 400:
        raise _Refusal(answer[0], what.encode() + b": " + answer[1])


def _answered(code: int, words: bytes, refused: list[str]) -> tuple[Outcome, str]:
    """Return what became of a letter that the server had whole, and whom it had refused before."""
    if code >= 400:
        return _said(code, words)
    note = f"; refused for {', '.join(refused)}" if refused else ""
    return "delivered", f"{code} {_text(words)}{note}"


def _said(code: int, words: bytes | str) -> tuple[Outcome, str]:
    return ("refused" if code >= 500 else "failed"), f"{code} {_text(words)}"


def _text(words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:300]


def _dotted(raw: bytes) -> bytes:
    """Return the letter as it travels: CRLF, dots doubled at line starts, the closing dot. RFC 5321, 4.5.2."""
    lines = raw.splitlines()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"
