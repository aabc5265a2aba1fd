"""What counts as a message."""

import base64
import json
from typing import Any

import pytest

from tasks.transport.redis import fault_of


def message(**changes: Any) -> dict[str, Any]:
    body = base64.b64encode(json.dumps([["run-1"], {}, {}]).encode()).decode()
    return {
        "body": body,
        "content-type": "application/json",
        "headers": {"task": "scrape", "id": "1"},
        "properties": {
            "delivery_tag": "t",
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": "control"},
        },
        **changes,
    }


def test_a_task_message_is_sound() -> None:
    assert fault_of(json.dumps(message()).encode()) is None


def test_an_answer_to_a_question_of_celery_inspect_is_sound() -> None:
    body = base64.b64encode(b'{"worker": {"ok": "pong"}}').decode()
    assert fault_of(json.dumps(message(headers={}, body=body)).encode()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"body": None},
        {"body": "%"},
        {"body": "e30="},
        {"headers": []},
        {"properties": {}},
        {"content-type": "x"},
    ],
)
def test_what_kombu_or_a_task_would_choke_on_is_not(changes: dict[str, Any]) -> None:
    assert fault_of(json.dumps(message(**changes)).encode())


@pytest.mark.parametrize("levels", [101, 900, 100_000])
def test_what_is_nested_too_deep_to_read_is_not(levels: int) -> None:
    deep = "[" * levels + "]" * levels
    body = base64.b64encode(f'[["run-1", {deep}], {{}}, {{}}]'.encode()).decode()
    assert fault_of(b"[" * levels)
    assert fault_of(json.dumps(message(body=body)).encode())
    assert fault_of(json.dumps(message(more="HERE")).replace('"HERE"', deep).encode())


@pytest.mark.parametrize("item", [b"", b"x", b"\xff", b"1", b"[]", b"{}"])
def test_what_is_no_envelope_is_not(item: bytes) -> None:
    assert fault_of(item)
