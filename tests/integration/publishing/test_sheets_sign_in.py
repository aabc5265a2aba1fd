"""Signing in with a service account, against a loopback token endpoint; and the fake as a process of its own."""

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from exporters.errors import NoAccess
from exporters.google.answers import AnswerLost
from exporters.google.client import GoogleClient
from exporters.google.pace import Limits
from exporters.sheets.publish import Patience, publish_to_sheet
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.row import Row
from tests.support.sheets_api import FakeSheets

SHEET = "1AbC"


class TokenEndpoint:
    """Hands out tokens, or answers as it is told."""

    def __init__(self) -> None:
        self.answer: tuple[int, dict[str, Any]] = (200, {"access_token": "t0ken", "expires_in": 3600})
        self.asked = 0
        self.port = 0


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    made = TokenEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep quiet."""

        def do_POST(self) -> None:
            made.asked += 1
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = made.answer
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def key_file(endpoint: TokenEndpoint, tmp_path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "account.json"
    told = {
        "type": "service_account",
        "project_id": "shop-reports",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "reports@shop-reports.iam.gserviceaccount.example",
        "token_uri": f"http://127.0.0.1:{endpoint.port}/token",
    }
    path.write_text(json.dumps(told))
    return path


def client(fake: FakeSheets, key_file: Path) -> GoogleClient:
    return GoogleClient(key_file, sheets_api_root=fake.root, limits=Limits(0, 0, 0))


def test_every_request_is_signed_and_one_token_serves_many(endpoint: TokenEndpoint, key_file: Path) -> None:
    with FakeSheets() as fake:
        fake.add(SHEET)
        google = client(fake, key_file)
        for _ in range(3):
            google.spreadsheet(SHEET, "spreadsheetUrl")
        google.close()
        assert fake.signed == ["Bearer t0ken"] * 3
    assert endpoint.asked == 1


def test_a_key_that_google_does_not_take_is_for_a_person(endpoint: TokenEndpoint, key_file: Path) -> None:
    endpoint.answer = (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
    with FakeSheets() as fake:
        google = client(fake, key_file)
        with pytest.raises(NoAccess, match="invalid_grant"):
            google.spreadsheet(SHEET, "spreadsheetUrl")
        google.close()


def test_a_sign_in_that_is_down_passes(endpoint: TokenEndpoint, key_file: Path) -> None:
    endpoint.answer = (503, {"error": "backend_error"})
    with FakeSheets() as fake:
        google = client(fake, key_file)
        with pytest.raises(AnswerLost):
            google.spreadsheet(SHEET, "spreadsheetUrl")
        google.close()


def test_the_fake_as_a_process_takes_faults_and_tells_what_was_committed() -> None:
    command = [sys.executable, "-m", "tests.support.sheets_api", "--spreadsheet", SHEET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        root = process.stdout.readline().strip()
        faults = json.dumps([{"kind": "drop", "commit": True, "only": ":batchUpdate"}]).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{root}/_faults", faults)) as answer:  # noqa: S310
            assert json.load(answer) == {"faults": 1}
        google = GoogleClient(sheets_api_root=root, limits=Limits(0, 0, 0))
        rows = [Row(url="https://a.example/")]
        publish_to_sheet(
            Table((Column(field="url"),), 1, lambda: iter(rows)),
            SheetTarget(spreadsheet=SHEET),
            job="acme",
            run_id="r1",
            sequence=1,
            google=google,
            patience=Patience(pauses_s=(0.0,)),
        )
        google.close()
        with urllib.request.urlopen(f"{root}/_state/{SHEET}") as answer:  # noqa: S310
            state = json.load(answer)
        process.terminate()
    assert state["tabs"]["Report"] == [["URL"], ["https://a.example/"]]
    assert len(state["commits"]) == 1
    assert process.returncode == 0
