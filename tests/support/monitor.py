"""An outside monitor on loopback, in the convention of healthchecks.io: it remembers every ping."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Ping:
    """One request that the monitor took."""

    path: str
    body: str


class Monitor:
    """Takes pings on a free loopback port; `answers` are served in turn, the last one for ever."""

    def __init__(self, *answers: int) -> None:
        self.pings: list[Ping] = []
        self._answers = list(answers) or [200]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def address(self, check: str) -> str:
        """Return the address of a check."""
        return f"http://127.0.0.1:{self._server.server_port}/{check}"

    def signals(self, check: str) -> list[str]:
        """Return what a check heard, in order: start, success, fail."""
        heard = [ping.path.removeprefix(f"/{check}").lstrip("/") for ping in self.pings if check in ping.path]
        return [signal or "success" for signal in heard]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Keep quiet."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.pings.append(Ping(self.path, body.decode()))
                answer = outer._answers.pop(0) if len(outer._answers) > 1 else outer._answers[0]
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

        return Handler
