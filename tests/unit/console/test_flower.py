"""On which port Flower starts."""

from collections.abc import Iterator

import pytest

from console.flower import flower_start
from tasks.settings import WrongSetting, settings


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def port_of(port: int | None = None, preferred: int = 0) -> int:
    (given,) = [one for one in flower_start(port, preferred).arguments if one.startswith("--port=")]
    return int(given.removeprefix("--port="))


def test_it_is_that_of_the_command_before_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFBEAT_FLOWER_PORT", "5601")
    assert port_of() == 5601
    assert port_of(5602) == 5602


def test_zero_is_a_free_port_whatever_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFBEAT_FLOWER_PORT", "0")
    assert port_of(preferred=5603) not in {0, 5603}
    monkeypatch.setenv("SHELFBEAT_FLOWER_PORT", "5601")
    settings.cache_clear()
    assert port_of(0, preferred=5603) not in {0, 5601, 5603}


@pytest.mark.parametrize("text", ["abc", "-1", "65536", "5555.0", "\u0663"])
def test_what_is_no_port_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SHELFBEAT_FLOWER_PORT", text)
    with pytest.raises(WrongSetting, match="SHELFBEAT_FLOWER_PORT: a port or 0 for a free one, 0 to 65535"):
        flower_start()
