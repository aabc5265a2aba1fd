"""One way to the Google APIs: gspread's client with our time-outs, our JSON and our reading of answers.

gspread's BackOffHTTPClient is not used: it repeats a permanent 503 for hours and gives up at once on a
dropped connection or an HTML 502. Here nothing is repeated but a 429, which Google has not carried out;
everything else is told to the caller, who looks before asking again.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import google.auth
import orjson
import requests
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account
from gspread.http_client import HTTPClient

from exporters.errors import NoAccess
from exporters.google.answers import AnswerLost, RateLimited, judge
from exporters.google.pace import Kind, Limits, LocalPace, Pace, turns
from reports.errors import Unavailable

SHEETS_ROOT: Final = "https://sheets.googleapis.com"
DRIVE_ROOT: Final = "https://www.googleapis.com"
SCOPES: Final = (
    "https://www.googleapis.com/auth/spreadsheets",
    # Not drive.metadata.readonly: with it `drives.get`, the name of a shared drive, is refused.
    "https://www.googleapis.com/auth/drive.readonly",
)
TIMEOUTS_S: Final = (10.0, 200.0)
"""Connect and read: Google works on one request for up to 180 s."""

LONGEST_WAIT_S: Final = 150.0
"""For its quota in one call, in all: the lease of a spreadsheet's writer is 300 s, and a step may repeat the call."""

Json = dict[str, Any]


class _Http(HTTPClient):
    """gspread's methods over one checked request. Roots can point at an emulator."""

    def __init__(
        self, session: requests.Session, sheets_root: str, drive_root: str, timeouts_s: tuple[float, float]
    ) -> None:
        super().__init__(auth=None, session=session)  # type: ignore[arg-type]  # its docstring says None
        self.set_timeout(timeouts_s)
        self._roots = ((SHEETS_ROOT, sheets_root.rstrip("/")), (DRIVE_ROOT, drive_root.rstrip("/")))

    def request(  # noqa: PLR0913, PLR0917 - gspread's own signature
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Any = None,
    ) -> requests.Response:
        """Send one request. Raises RateLimited, NoAccess, Rejected or AnswerLost (see `judge`)."""
        for official, root in self._roots:
            if endpoint.startswith(official):
                endpoint = root + endpoint.removeprefix(official)
        if json is not None:
            data = orjson.dumps(json)
            headers = {**(headers or {}), "Content-Type": "application/json"}
        try:
            response = self.session.request(
                method, endpoint, params=params, data=data, files=files, headers=headers, timeout=self.timeout
            )
        except (requests.RequestException, TransportError) as error:
            msg = f"{type(error).__name__} while asking Google"
            raise AnswerLost(msg) from error
        except GoogleAuthError as error:
            if error.retryable:
                msg = "Google's sign-in does not answer as it should"
                raise AnswerLost(msg) from error
            msg = f"Google takes the credentials for invalid ({error})"
            raise NoAccess(msg, _CREDENTIALS_ADVICE) from error
        judge(response.status_code, response.content, response.headers.get("Retry-After"))
        return response


_CREDENTIALS_ADVICE: Final = (
    "Set SHELFBEAT_GOOGLE_CREDENTIALS to a service account's key file, or sign in with "
    "gcloud auth application-default login."
)


class GoogleClient:
    """Google Sheets and Drive for one process. Nothing connects or reads credentials before it is asked.

    `credentials` is a service account's key file; without it Application Default Credentials serve. With
    `sheets_api_root` (an emulator) and no key file, requests go out without credentials. `pace` holds the
    quotas over the fleet (RedisPace) or this process (the default).
    """

    def __init__(  # noqa: PLR0913 - each by name and with a default
        self,
        credentials: Path | None = None,
        *,
        sheets_api_root: str | None = None,
        drive_api_root: str | None = None,
        pace: Pace | None = None,
        limits: Limits | None = None,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
    ) -> None:
        self._credentials = credentials
        self._emulated = sheets_api_root is not None
        self._sheets_root = sheets_api_root or SHEETS_ROOT
        self._drive_root = drive_api_root or DRIVE_ROOT
        self._limits = limits or Limits()
        self._timeouts_s = timeouts_s
        self.pace: Pace = LocalPace() if pace is None else pace
        self._http: _Http | None = None
        self._user = "anonymous"
        self._project = "default"
        self.calls = 0
        """Requests sent so far, for benchmarks and logs."""

    def close(self) -> None:
        """Close the connections that are kept; the next request opens new ones."""
        if self._http is not None:
            self._http.session.close()

    def spreadsheet(self, spreadsheet: str, fields: str) -> Json:
        """Return `spreadsheets.get` under a fields mask."""
        return self._ask(
            "read", spreadsheet, lambda http: http.spreadsheets_get(spreadsheet, params={"fields": fields})
        )

    def batch_update(self, spreadsheet: str, requests_: list[Json]) -> Json:
        """Carry out a batch, wholly or not at all (`spreadsheets.batchUpdate`)."""
        body = {"requests": requests_}
        return self._ask("write", spreadsheet, lambda http: http.batch_update(spreadsheet, body))

    def write_raw(self, spreadsheet: str, a1_range: str, rows: list[bytes]) -> Json:
        """Write rows, each already JSON, with `values.batchUpdate`, RAW.

        RAW, because Sheets would read the code "1-2" as a date and "00412" as 412, and run "=1+1".
        """
        values = orjson.Fragment(b"[" + b",".join(rows) + b"]")
        data = [{"range": a1_range, "majorDimension": "ROWS", "values": values}]
        body = {"valueInputOption": "RAW", "includeValuesInResponse": False, "data": data}
        return self._ask("write", spreadsheet, lambda http: http.values_batch_update(spreadsheet, body))

    def values(
        self,
        spreadsheet: str,
        ranges: list[str],
        render: str = "UNFORMATTED_VALUE",
        fields: str | None = None,
    ) -> Json:
        """Return `values.batchGet` of A1 ranges, under a fields mask if one is given."""
        params: Json = {"ranges": ranges, "valueRenderOption": render}
        if fields is not None:
            params["fields"] = fields
        return self._ask(
            "read", spreadsheet, lambda http: http.values_batch_get(spreadsheet, ranges, params=params)
        )

    def drive_file(self, file_id: str, fields: str) -> Json:
        """Return `files.get` of Drive, shared drives included."""
        return self._drive(f"/drive/v3/files/{file_id}", {"fields": fields, "supportsAllDrives": "true"})

    def shared_drive(self, drive_id: str) -> Json:
        """Return `drives.get`: the name of a shared drive."""
        return self._drive(f"/drive/v3/drives/{drive_id}", {"fields": "id,name"})

    def _drive(self, path: str, params: Json) -> Json:
        return self._ask(
            "read", None, lambda http: http.request("get", DRIVE_ROOT + path, params=params).json()
        )

    def _ask(self, kind: Kind, spreadsheet: str | None, call: Any) -> Json:
        """Make one call in its turn; wait out a 429, let every other fault through."""
        http = self._connected()
        waited_s = 0.0
        for pause_s in (*self._limits.after_429_s, None):
            if spreadsheet is not None:
                self.pace.wait_turn(turns(kind, spreadsheet, self._user, self._project, self._limits))
            self.calls += 1
            try:
                answer: Json = call(http)
            except RateLimited as limited:
                if pause_s is None:
                    raise Unavailable("Google", "over its quota, whatever we waited") from limited
                asked_s = max(pause_s, limited.wait_s or 0.0)
                waited_s += asked_s
                if waited_s > LONGEST_WAIT_S:
                    detail = f"over its quota, and asks to wait {asked_s:.0f} s"
                    raise Unavailable("Google", detail) from limited
                time.sleep(asked_s)
            else:
                return answer
        raise AssertionError  # the last pause is None

    def _connected(self) -> _Http:
        if self._http is None:
            self._http = _Http(self._session(), self._sheets_root, self._drive_root, self._timeouts_s)
        return self._http

    def _session(self) -> requests.Session:
        if self._credentials is None and self._emulated:
            return requests.Session()
        try:
            if self._credentials is not None:
                found = service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
                    str(self._credentials), scopes=SCOPES
                )
                self._project = found.project_id or "default"
            else:
                found, project = google.auth.default(scopes=SCOPES)
                self._project = project or "default"
        except (DefaultCredentialsError, OSError, ValueError) as error:
            msg = f"No usable Google credentials ({error})"
            raise NoAccess(msg, _CREDENTIALS_ADVICE) from error
        self._user = getattr(found, "service_account_email", None) or "default"
        session: requests.Session = AuthorizedSession(found)  # type: ignore[no-untyped-call]
        return session
