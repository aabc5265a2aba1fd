"""One address for everything: our own clients, Celery's transport and its results."""

import pytest

from tasks.redis_address import celery_address, sentinel_address

URL = "sentinel://app:p%40ss@one:26380,two/3?master=shelfbeat&sentinel_password=watch"


def test_a_plain_address_is_passed_on() -> None:
    assert sentinel_address("redis://h/0") is None
    assert celery_address("rediss://h/0") == ("rediss://h/0", {})


def test_a_sentinel_address_is_taken_apart() -> None:
    found = sentinel_address(URL)
    assert found is not None
    assert found.hosts == (("one", 26380), ("two", 26379))
    assert (found.master, found.database, found.user, found.password) == ("shelfbeat", 3, "app", "p@ss")


def test_celery_gets_every_sentinel_and_the_name_of_the_master() -> None:
    address, options = celery_address(URL)
    assert address == "sentinel://app:p%40ss@one:26380/3;sentinel://app:p%40ss@two:26379/3"
    assert options["master_name"] == "shelfbeat"
    assert options["sentinel_kwargs"]["password"] == "watch"


def test_a_sentinel_address_without_a_master_is_refused() -> None:
    with pytest.raises(ValueError, match="master=NAME"):
        sentinel_address("sentinel://one/0")
