"""What an answer of Google means for us: carried out, not carried out, or nobody knows."""

import msgspec
import orjson

from exporters.errors import NoAccess


class AnswerLost(Exception):  # noqa: N818 - the name says what it is
    """A request may or may not have been carried out: read, then decide."""


class Rejected(Exception):  # noqa: N818 - the name says what it is
    """Google answered 400: nothing of the request was carried out. `detail` is Google's sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class _GoogleError(msgspec.Struct):
    message: str = ""
    status: str = ""


class _ErrorBody(msgspec.Struct):
    error: _GoogleError = msgspec.field(default_factory=_GoogleError)


class RateLimited(Exception):  # noqa: N818 - the name says what it is
    """Google answered 429, or 403 for quota: not carried out, ask later."""

    def __init__(self, wait_s: float | None) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def judge(status: int, body: bytes, retry_after: str | None = None) -> None:
    """Return for a success, else raise what the answer means for us.

    RateLimited (429, or 403 for quota), NoAccess (401, 403, 404), Rejected (400), AnswerLost (5xx, or
    anything that is not Google's JSON).
    """
    if 200 <= status < 300:
        try:
            orjson.loads(body or b"null")
        except orjson.JSONDecodeError as error:
            msg = f"HTTP {status} without the JSON that belongs to it"
            raise AnswerLost(msg) from error
        return
    try:
        said = msgspec.json.decode(body, type=_ErrorBody).error
    except msgspec.DecodeError:
        said = _GoogleError()
    quota = "quota" in said.message.lower() or "rate limit" in said.message.lower()
    if status == 429 or (status == 403 and quota):
        raise RateLimited(float(retry_after) if retry_after and retry_after.isdigit() else None)
    if status in {401, 403}:
        raise NoAccess(
            f"Google refuses access ({status} {said.message})".rstrip(),
            "Share the spreadsheet with the service account as editor, and enable the Sheets and Drive APIs.",
        )
    if status == 404 and said.message:
        msg = f"Google knows no such file ({said.message})"
        raise NoAccess(
            msg,
            "Compare the id in the definition with the spreadsheet's address.",
        )
    if status in {400, 409, 413} and said.message:
        raise Rejected(said.message)
    raise AnswerLost(f"HTTP {status} {said.message}".rstrip())
