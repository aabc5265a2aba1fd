"""What an answer of Google means for us."""

from pathlib import Path

import orjson
import pytest

from exporters.errors import NoAccess
from exporters.google.answers import AnswerLost, RateLimited, Rejected, judge
from exporters.google.client import GoogleClient


def said(message: str) -> bytes:
    return orjson.dumps({"error": {"code": 0, "message": message, "status": "X"}})


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [said("Internal error"), b"<html>Bad Gateway</html>", b""])
def test_a_server_error_may_have_been_carried_out(status: int, body: bytes) -> None:
    with pytest.raises(AnswerLost):
        judge(status, body)


@pytest.mark.parametrize("body", [b"<html>", b'{"sheets": [', b"{"])
def test_a_success_without_its_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        judge(200, body)


def test_a_success_passes() -> None:
    judge(200, b"{}")


@pytest.mark.parametrize(
    ("status", "message"),
    [(429, "Quota exceeded"), (403, "Rate Limit Exceeded"), (403, "User quota exceeded")],
)
def test_a_quota_answer_means_nothing_was_done(status: int, message: str) -> None:
    with pytest.raises(RateLimited) as caught:
        judge(status, said(message), "7")
    assert caught.value.wait_s == 7


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_says_what_a_person_can_do(status: int) -> None:
    with pytest.raises(NoAccess) as caught:
        judge(status, said("The caller does not have permission"))
    assert caught.value.advice


def test_a_400_was_not_carried_out() -> None:
    with pytest.raises(Rejected, match="No grid with id: 7"):
        judge(400, said("No grid with id: 7"))


def test_a_404_that_is_not_googles_is_an_answer_lost() -> None:
    with pytest.raises(AnswerLost):
        judge(404, b"<html>not found</html>")


def test_a_missing_key_file_says_how_to_give_one(tmp_path: Path) -> None:
    client = GoogleClient(credentials=tmp_path / "gone.json")
    with pytest.raises(NoAccess, match="SHELFBEAT_GOOGLE_CREDENTIALS"):
        client.spreadsheet("1AbC", "spreadsheetUrl")
