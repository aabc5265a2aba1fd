"""What the doctor says of the outside: channels and spreadsheets, on loopback."""

from pathlib import Path

from redis import Redis

from console.doctor.outside import check_channels
from jobs.catalogue import Catalogue
from jobs.secrets import Environment
from runs.ledger import Ledger
from tasks.context import Context
from tasks.settings import read_settings

NO_JOBS = Catalogue(Path(), {}, {}, frozenset(), {}, {})


def test_a_secret_address_with_a_recipient_that_cannot_be_written_to_is_named(redis: Redis) -> None:
    settings = read_settings({"SHELFBEAT_OPERATORS": "secret:OPS"})
    address = "mailto://127.0.0.1:1?from=a@b.example&to=ops@acme.example,info@müller.example"
    here = Context(settings, redis, Ledger(redis), (Environment({"OPS": address}),))
    (found,) = check_channels(here, NO_JOBS)
    assert (found.check, found.health) == ("channel of operators", "problem")
    assert found.found == "secret:OPS would leave out info@müller.example"
    assert "ASCII" in found.fix
