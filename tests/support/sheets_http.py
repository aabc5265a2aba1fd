"""The fake's HTTP: answers as Google sends them, and every way in which one goes wrong."""

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.discovery import NotTheApi
from tests.support.sheet_tab import BadRequest

MOST_BYTES = 10_485_760
Kind = Literal["500", "503", "html502", "429", "403quota", "protected", "drop", "hang", "half_body", "slow"]


@dataclass(frozen=True)
class Fault:
    """One failure. `commit`: whether the work is done all the same, or only `late_s` after the answer failed."""

    kind: Kind
    commit: bool | Literal["late"] = False
    late_s: float = 0.05
    only: str = ""
    """Part of the path of the requests that it waits for; default: the next one."""


class Steered(Protocol):
    """What the handler asks."""

    signed: list[str]
    largest_bytes: int

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets."""

    def later(self, delay_s: float, work: Callable[[], object]) -> None:
        """Do some work after the client has been turned away."""

    def hang(self) -> None:
        """Keep a client waiting until the server ends."""

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """Carry out a request."""

    def control(self, path: str, body: Any) -> dict[str, Any]:
        """Serve the fake's own addresses."""


def _google_error(status: int, message: str) -> tuple[int, dict[str, Any]]:
    word = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
    return status, {"error": {"code": status, "message": message, "status": word.get(status, "INTERNAL")}}


def handler(fake: Steered) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep quiet."""

        def do_GET(self) -> None:
            self._serve("GET", None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            fake.largest_bytes = max(fake.largest_bytes, len(raw))
            if len(raw) > MOST_BYTES:
                message = f"Request payload size exceeds the limit: {MOST_BYTES} bytes."
                self._send(*_google_error(400, message))
                return
            self._serve("POST", json.loads(raw) if raw else None)

        def _serve(self, method: str, body: Any) -> None:
            split = urlsplit(self.path)
            path = unquote(split.path)
            if path.startswith("/_"):
                self._send(200, fake.control(path, body))
                return
            if signature := self.headers.get("Authorization"):
                fake.signed.append(signature)
            fault = fake.fault_for(method, path)

            def work() -> tuple[int, dict[str, Any]]:
                return self._work(method, split.path, parse_qs(split.query), body)

            if fault is None:
                self._send(*work())
            else:
                self._fail(fault, work)

        def _work(
            self, method: str, path: str, query: dict[str, list[str]], body: Any
        ) -> tuple[int, dict[str, Any]]:
            try:
                return 200, fake.answer(method, path, query, body)
            except (BadRequest, NotTheApi) as error:
                return _google_error(400, str(error))
            except PermissionError:
                return _google_error(403, "The caller does not have permission")
            except KeyError:
                return _google_error(404, "Requested entity was not found.")

        def _fail(self, fault: Fault, work: Callable[[], tuple[int, dict[str, Any]]]) -> None:
            done = work() if fault.commit is True or fault.kind == "half_body" else None
            if fault.commit == "late":
                fake.later(fault.late_s, work)
            match fault.kind:
                case "drop":
                    self.close_connection = True
                case "hang":
                    fake.hang()
                    self.close_connection = True
                case "half_body":
                    raw = json.dumps(done[1] if done else {"sheets": [{}]}).encode()
                    self._head(200, "application/json", len(raw))
                    self.wfile.write(raw[: len(raw) // 2])
                    self.close_connection = True
                case "html502":
                    raw = b"<html><title>502 Bad Gateway</title></html>"
                    self._head(502, "text/html", len(raw))
                    self.wfile.write(raw)
                case "429":
                    self._send(*_google_error(429, "Quota exceeded for quota metric 'Write requests'"))
                case "403quota":
                    self._send(*_google_error(403, "Rate Limit Exceeded"))
                case "protected":
                    self._send(*_google_error(400, "You are trying to edit a protected cell or object."))
                case "slow":
                    time.sleep(fault.late_s)
                    self._send(*(done or work()))
                case _:
                    self._send(*_google_error(int(fault.kind), "Internal error encountered."))

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            raw = json.dumps(answer).encode()
            self._head(status, "application/json; charset=UTF-8", len(raw))
            with contextlib.suppress(ConnectionError):  # a client that has given up
                self.wfile.write(raw)

        def _head(self, status: int, content_type: str, length: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length))
            with contextlib.suppress(ConnectionError):
                self.end_headers()

    return Handler
