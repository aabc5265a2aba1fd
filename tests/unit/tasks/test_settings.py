"""What the environment may say."""

import pytest

from tasks.settings import LONGEST_STOP_S, WrongSetting, read_settings


@pytest.mark.parametrize("text", ["0", "-1", "51", "1m", "3.5", "\u0663"])
def test_a_worker_is_not_promised_longer_to_stop_than_its_container_has(text: str) -> None:
    with pytest.raises(WrongSetting, match=f"SHELFBEAT_STOP_GRACE_S: whole seconds, 1 to {LONGEST_STOP_S}"):
        read_settings({"SHELFBEAT_STOP_GRACE_S": text})


def test_up_to_that_it_is_free() -> None:
    assert read_settings({"SHELFBEAT_STOP_GRACE_S": str(LONGEST_STOP_S)}).stop_grace_s == LONGEST_STOP_S
    assert read_settings({}).stop_grace_s == 30


def test_a_port_that_is_none_stops_nobody_but_flower() -> None:
    assert read_settings({"SHELFBEAT_FLOWER_PORT": "abc"}).flower_port == "abc"


def test_the_password_of_flower_is_not_shown() -> None:
    found = read_settings({"SHELFBEAT_FLOWER_PASSWORD": "canary"})
    assert found.flower_password == "canary"
    assert "canary" not in repr(found)
