"""Secrets from cloud stores: Google's on a loopback fake, AWS' as moto has it."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from jobs.secrets import MissingSecret, resolve
from reports.errors import Unavailable
from tasks.secrets import AwsSecrets, GoogleSecrets, secret_providers
from tasks.settings import read_settings


class FakeSecretManager:
    """Answers `versions:access` as Google's REST interface does."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.status = 200
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Keep quiet."""

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                name = self.path.split("/secrets/")[1].split("/")[0]
                status = outer.status if outer.status != 200 else 200 if name in outer.secrets else 404
                body = b"{}"
                if status == 200:
                    data = base64.b64encode(outer.secrets[name].encode()).decode()
                    path = self.path.removeprefix("/v1/").replace("latest:access", "3")
                    body = json.dumps({"name": path, "payload": {"data": data, "dataCrc32c": "0"}}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler


@pytest.fixture
def google() -> Iterator[FakeSecretManager]:
    fake = FakeSecretManager()
    yield fake
    fake.close()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


def test_google_gives_the_newest_version_of_a_secret(google: FakeSecretManager) -> None:
    google.secrets["ACME_SLACK_URL"] = "slack://canary"
    provider = GoogleSecrets("acme-prod", google.root)
    assert provider("ACME_SLACK_URL") == "slack://canary"
    assert google.asked == ["/v1/projects/acme-prod/secrets/ACME_SLACK_URL/versions/latest:access"]
    assert provider("NOT_THERE") is None


@pytest.mark.parametrize("status", [403, 429, 500])
def test_google_that_refuses_is_not_a_secret_that_is_missing(google: FakeSecretManager, status: int) -> None:
    google.status = status
    with pytest.raises(Unavailable, match=f"HTTP {status}"):
        GoogleSecrets("acme-prod", google.root)("ACME_SLACK_URL")


def test_google_that_cannot_be_reached_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        GoogleSecrets("acme-prod", "http://127.0.0.1:1")("X")


@pytest.mark.usefixtures("aws")
def test_aws_gives_a_secret_under_its_prefix() -> None:
    client = boto3.client("secretsmanager", region_name="eu-central-1")
    client.create_secret(Name="shelfbeat/ACME", SecretString="slack://canary")
    client.create_secret(Name="shelfbeat/BINARY", SecretBinary=b"bytes")
    provider = AwsSecrets("eu-central-1", "shelfbeat/")
    assert provider("ACME") == "slack://canary"
    assert provider("BINARY") == "bytes"
    assert provider("NOT_THERE") is None


def test_aws_without_credentials_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(Unavailable, match="NoCredentialsError"):
        AwsSecrets("eu-central-1")("ACME")


@pytest.mark.usefixtures("aws")
def test_the_stores_are_asked_in_order_and_the_first_answer_counts(
    google: FakeSecretManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("secretsmanager", region_name="eu-central-1")
    for name in ("A", "B", "C", "D"):
        client.create_secret(Name=name, SecretString="from aws")
    google.secrets |= {"A": "from google", "B": "from google", "C": "from google"}
    for name in ("A", "B"):
        (tmp_path / name).write_text("from a file\n")
    monkeypatch.setenv("A", "from the environment")
    providers = secret_providers(
        read_settings(
            {
                "SHELFBEAT_SECRETS_FOLDER": str(tmp_path),
                "SHELFBEAT_GCP_SECRETS_PROJECT": "acme-prod",
                "SHELFBEAT_GCP_SECRETS_API_ROOT": google.root,
                "SHELFBEAT_AWS_SECRETS_REGION": "eu-central-1",
            }
        )
    )
    found = [resolve(f"secret:{name}", providers) for name in ("A", "B", "C", "D")]
    assert found == ["from the environment", "from a file", "from google", "from aws"]
    with pytest.raises(MissingSecret) as raised:
        resolve("secret:E", providers)
    assert "Google Secret Manager of acme-prod, AWS Secrets Manager in eu-central-1" in str(raised.value)
    google.secrets["C"] = "rotated"
    assert resolve("secret:C", providers) == "rotated"
