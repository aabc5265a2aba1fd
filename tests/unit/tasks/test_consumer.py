"""What a worker tells of itself to whoever asks."""

from celery.app.base import Celery

from tasks.app import configuration
from tasks.settings import read_settings
from tasks.transport.consumer import without_logins

URL = "sentinel://app:f1rst@one:26380,two/3?master=shelfbeat&sentinel_password=s3cond"


def test_a_connection_by_sentinels_shows_no_password() -> None:
    app = Celery(set_as_current=False)
    app.conf.update(configuration(read_settings({"SHELFBEAT_REDIS_URL": URL})))
    with app.connection_for_read() as connection:
        told = without_logins(connection.info)
        assert told.pop("password") == "f1rst"  # celery.worker.consumer.connection drops this one
        assert told["hostname"] == "one"
        assert told["transport_options"]["master_name"] == "shelfbeat"
        assert not [secret for secret in ("f1rst", "s3cond") if secret in repr(told)]
        assert "s3cond" in repr(connection.transport_options), "it is still there to connect by"
