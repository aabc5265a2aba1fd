"""Where secrets come from: the environment, files, Google Secret Manager, AWS Secrets Manager, in this order.

The last two are asked only when they are configured, and only for what the first two do not know. Nothing is
kept: a rotated secret counts from the next use on.
"""

import base64
import binascii
import functools
from typing import Any, Final

from jobs.secrets import Environment, Files, Provider
from reports.errors import Unavailable
from tasks.settings import Settings

_TIMEOUT_S: Final = (5.0, 15.0)
_GOOGLE_ROOT: Final = "https://secretmanager.googleapis.com"
_GOOGLE_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"


class GoogleSecrets:
    """Secrets of a Google Cloud project, each its newest version.

    Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
    """

    def __init__(self, project: str, root: str | None = None, credentials: str | None = None) -> None:
        self._project = project
        self._root = root
        self._credentials = credentials

    def __call__(self, name: str) -> str | None:
        """Return the secret, None where the project has none of this name. Raises Unavailable."""
        import requests  # noqa: PLC0415 - only who has configured it pays for it
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

        address = (
            f"{self._root or _GOOGLE_ROOT}/v1/projects/{self._project}/secrets/{name}/versions/latest:access"
        )
        try:
            with self._session() as session:
                answer = session.get(address, timeout=_TIMEOUT_S)
        except (requests.RequestException, GoogleAuthError) as error:
            raise Unavailable(str(self), type(error).__name__) from error
        if answer.status_code in {400, 404}:  # 400: a name that no secret there can have
            return None
        if answer.status_code != 200:
            raise Unavailable(str(self), f"HTTP {answer.status_code}")
        try:
            return base64.b64decode(answer.json()["payload"]["data"]).decode() or None
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise Unavailable(str(self), "an answer that is none of its own") from error

    def _session(self) -> Any:
        import requests  # noqa: PLC0415

        if self._root is not None:  # an emulator asks for no login
            return requests.Session()
        import google.auth  # noqa: PLC0415
        from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

        if self._credentials is None:
            found, _ = google.auth.default(scopes=[_GOOGLE_SCOPE])
        else:
            found, _ = google.auth.load_credentials_from_file(  # type: ignore[no-untyped-call]
                self._credentials, scopes=[_GOOGLE_SCOPE]
            )
        return AuthorizedSession(found)  # type: ignore[no-untyped-call]

    def __str__(self) -> str:
        return f"Google Secret Manager of {self._project}"


class AwsSecrets:
    """Secrets of AWS Secrets Manager in one region. Credentials as boto3 finds them; needs the extra `aws`."""

    def __init__(self, region: str, prefix: str = "") -> None:
        self._region = region
        self._prefix = prefix

    def __call__(self, name: str) -> str | None:
        """Return the secret, None where the region has none of this name. Raises Unavailable."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            answer = self._client.get_secret_value(SecretId=f"{self._prefix}{name}")
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in {"ResourceNotFoundException", "ValidationException"}:
                return None
            raise Unavailable(str(self), code or "refused") from error
        except BotoCoreError as error:
            raise Unavailable(str(self), type(error).__name__) from error
        text = answer.get("SecretString")
        try:
            return str(text) if text else (answer.get("SecretBinary") or b"").decode() or None
        except UnicodeDecodeError as error:
            raise Unavailable(str(self), f"{name} is no text") from error

    @functools.cached_property
    def _client(self) -> Any:
        try:
            import boto3  # noqa: PLC0415 - an extra
            from botocore.config import Config  # noqa: PLC0415
        except ImportError as error:
            raise Unavailable(str(self), "boto3 is not installed: pip install 'shelfbeat[aws]'") from error
        config = Config(
            connect_timeout=_TIMEOUT_S[0], read_timeout=_TIMEOUT_S[1], retries={"max_attempts": 2}
        )
        return boto3.client("secretsmanager", region_name=self._region, config=config)

    def __str__(self) -> str:
        return f"AWS Secrets Manager in {self._region}"


def secret_providers(values: Settings) -> tuple[Provider, ...]:
    """Return what answers for secrets here, in the order in which it is asked."""
    providers: list[Provider] = [Environment()]
    if values.secrets_folder is not None:
        providers.append(Files(values.secrets_folder))
    if values.gcp_secrets_project:
        file = values.google_credentials
        root = values.gcp_secrets_api_root
        providers.append(GoogleSecrets(values.gcp_secrets_project, root, str(file) if file else None))
    if values.aws_secrets_region:
        providers.append(AwsSecrets(values.aws_secrets_region, values.aws_secrets_prefix))
    return tuple(providers)
