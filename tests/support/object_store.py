"""A loopback S3 in a process of its own: as much of it as a Delta Lake table asks of a store.

python -m tests.support.object_store   (prints its port, ends on SIGTERM)

A process, because the libraries wait for it with the interpreter's lock held: in a thread it could not answer.
"""

import itertools
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

Query = dict[str, list[str]]


class _Store:
    """Objects by `bucket/name`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.numbers = itertools.count(1)
        self.guard = threading.Lock()


STORE = _Store()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""

    def do_PUT(self) -> None:
        name, query = self._asked()
        body = self._body()
        with STORE.guard:
            if self.headers.get("If-None-Match") == "*" and name in STORE.objects:
                self._answer(412)  # what keeps two writers of one version apart
                return
            if "partNumber" in query:
                STORE.parts[query["uploadId"][0]][int(query["partNumber"][0])] = body
            else:
                STORE.objects[name] = body
        self._answer(200)

    def do_POST(self) -> None:
        name, query = self._asked()
        body = self._body().decode()
        with STORE.guard:
            if "uploads" in query:
                upload = f"upload-{next(STORE.numbers)}"
                STORE.parts[upload] = {}
                self._answer(200, _xml("InitiateMultipartUploadResult", f"<UploadId>{upload}</UploadId>"))
            elif "delete" in query:
                keys = re.findall("<Key>(.*?)</Key>", body)
                for key in keys:
                    STORE.objects.pop(f"{name.rstrip('/')}/{unescape(key)}", None)
                deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                self._answer(200, _xml("DeleteResult", deleted))
            else:
                parts = STORE.parts.pop(query["uploadId"][0])
                STORE.objects[name] = b"".join(part for _, part in sorted(parts.items()))
                self._answer(200, _xml("CompleteMultipartUploadResult", "<ETag>1</ETag>"))

    def do_DELETE(self) -> None:
        name, _ = self._asked()
        STORE.objects.pop(name, None)
        self._answer(204)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        name, query = self._asked()
        if "list-type" in query:
            self._answer(200, _listing(name.rstrip("/"), query))
            return
        body = STORE.objects.get(name)
        if body is None:
            self._answer(404)
            return
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if wanted is None:
            self._answer(200, body)
            return
        first = int(wanted[1]) if wanted[1] else max(0, len(body) - int(wanted[2]))
        last = min(len(body) - 1, int(wanted[2])) if wanted[1] and wanted[2] else len(body) - 1
        self._answer(206, body[first : last + 1], f"bytes {first}-{last}/{len(body)}")

    def _asked(self) -> tuple[str, Query]:
        split = urlsplit(self.path)
        return unquote(split.path).lstrip("/"), parse_qs(split.query, keep_blank_values=True)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: bytes = b"", part: str = "") -> None:
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        if part:
            self.send_header("Content-Range", part)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _xml(name: str, inner: str) -> bytes:
    return f"<{name}>{inner}</{name}>".encode()


def _listing(bucket: str, query: Query) -> bytes:
    prefix, after = query.get("prefix", [""])[0], query.get("start-after", [""])[0]
    delimiter = query.get("delimiter", [""])[0]
    names = [
        name.removeprefix(f"{bucket}/") for name in sorted(STORE.objects) if name.startswith(f"{bucket}/")
    ]
    found, folders = [], set[str]()
    for name in names:
        rest = name.removeprefix(prefix)
        if not name.startswith(prefix) or name <= after:
            continue
        if delimiter and delimiter in rest:
            folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
        else:
            size = len(STORE.objects[f"{bucket}/{name}"])
            found.append(
                f"<Contents><Key>{escape(name)}</Key><LastModified>2026-11-21T00:00:00.000Z</LastModified>"
                f"<ETag>1</ETag><Size>{size}</Size></Contents>"
            )
    more = [f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders)]
    return _xml("ListBucketResult", "".join(found + more))


@contextmanager
def object_store() -> Iterator[dict[str, str]]:
    """Run a store and yield the environment in which it is reached."""
    command = [sys.executable, "-m", "tests.support.object_store"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{int(running.stdout.readline())}",
                "AWS_REGION": "eu-central-1",
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_ALLOW_HTTP": "true",
            }
        finally:
            running.terminate()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)  # noqa: T201 - who starts it reads the port
    server.serve_forever()
