"""Receivers of messages on loopback: a mail server and a webhook, each with a temper of the test's choosing."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mail:
    """One letter that the server took (or lost on purpose), as it arrived."""

    sender: str
    recipients: list[str]
    letter: EmailMessage


@dataclass
class _Keeper:
    """aiosmtpd's handler. Answers can be set per recipient and for the letter."""

    taken: list[Mail] = field(default_factory=list)
    rcpt_answers: dict[str, str] = field(default_factory=dict)
    data_answer: str = "250 taken"
    hang_up: bool = False
    """Take the letter and close the connection without an answer."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.rcpt_answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer.startswith("2"):
            raw = envelope.content
            assert isinstance(raw, bytes)
            letter = message_from_bytes(raw, policy=policy.default)
            self.taken.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), letter))
        if self.hang_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.data_answer


class MailServer:
    """A real SMTP server (aiosmtpd) on a free loopback port, in a thread with a loop of its own."""

    def __init__(self) -> None:
        self.keeper = _Keeper()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> "MailServer":
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: SMTP(self.keeper, hostname="127.0.0.1", loop=self._loop), "127.0.0.1", 0
        )

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    @property
    def taken(self) -> list[Mail]:
        """Letters in the order of their arrival."""
        return self.keeper.taken

    def address(self, *to: str, query: str = "") -> str:
        """Return an Apprise address that sends here."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        targets = ",".join(to or ("ops@acme.example",))
        return f"mailto://127.0.0.1:{port}?from=reports@shelfbeat.example&to={targets}&mode=insecure{query}"


class Hook:
    """A webhook on a free loopback port. `answers` are served in turn, the last one for ever."""

    def __init__(self, *answers: int | str) -> None:
        self._answers: list[int | str] = list(answers) or [200]
        self.bodies: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _hook_handler(self._take))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "Hook":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, body: dict[str, Any]) -> int | str:
        self.bodies.append(body)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def open_address(self) -> str:
        """Return an address without a path: nothing in it is secret, so a definition may hold it."""
        return self.address("")

    def address(self, path: str = "hook/s3cret") -> str:
        """Return an Apprise address that posts JSON here."""
        return f"json://127.0.0.1:{self._server.server_port}/{path}"


def _hook_handler(take: Callable[[dict[str, Any]], int | str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep quiet."""

        def do_POST(self) -> None:
            answer = take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if answer == "drop":
                self.close_connection = True
                return
            self.send_response(int(answer))
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler
