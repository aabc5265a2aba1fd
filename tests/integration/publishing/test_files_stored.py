"""Files in an object store: a folder, and a loopback S3 that answers as it is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from exporters.errors import PublishRefused
from exporters.files.object_store import upload
from reports.errors import Unavailable


class Bucket:
    """What a bucket holds; `status` is the answer to every request."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.status = 200
        self.settings: dict[str, Any] = {}


def s3(port: int) -> dict[str, Any]:
    config = {
        "aws_endpoint": f"http://127.0.0.1:{port}",
        "aws_region": "eu-central-1",
        "aws_skip_signature": True,
    }
    return {"config": config, "client_options": {"allow_http": True}}


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    made = Bucket()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep quiet."""

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if made.status == 200:
                made.objects[self.path] = body
            self.send_response(made.status)
            self.send_header("ETag", '"1"')
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    made.settings = s3(server.server_port)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.csv"
    path.write_bytes(b"URL\r\nhttps://a.example/\r\n")
    return path


def test_a_file_becomes_one_object_under_its_name(bucket: Bucket, report: Path) -> None:
    for _ in range(2):
        address = upload(report, "s3://reports/prod/", "acme/2026-11-21/report.csv", **bucket.settings)
    assert address == "s3://reports/prod/acme/2026-11-21/report.csv"
    assert bucket.objects == {"/reports/prod/acme/2026-11-21/report.csv": report.read_bytes()}


def test_a_store_that_refuses_us_is_for_a_person(bucket: Bucket, report: Path) -> None:
    bucket.status = 403
    with pytest.raises(PublishRefused, match="SHELFBEAT_FILES"):
        upload(report, "s3://reports", "report.csv", **bucket.settings)


def test_a_store_that_is_not_there_is_worth_another_try(report: Path) -> None:
    with pytest.raises(Unavailable):
        upload(report, "s3://reports", "report.csv", **s3(9))


def test_a_shared_folder_is_a_store_too(report: Path, tmp_path: Path) -> None:
    address = upload(report, f"file://{tmp_path}/shared", "acme/report.csv")
    assert address == f"file://{tmp_path}/shared/acme/report.csv"
    assert (tmp_path / "shared" / "acme" / "report.csv").read_bytes() == report.read_bytes()


def test_an_address_of_no_store_is_for_a_person(report: Path) -> None:
    with pytest.raises(PublishRefused):
        upload(report, "carrier-pigeon://roof", "report.csv")
