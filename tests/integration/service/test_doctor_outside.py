"""What the doctor says of the outside: channels and spreadsheets, on loopback."""

from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from console.doctor.outside import check_channels, check_secrets, check_sheets
from exporters.errors import NoAccess
from jobs.catalogue import Catalogue, load_definition
from jobs.secrets import Environment
from runs.ledger import Ledger
from tasks.context import Context
from tasks.settings import read_settings
from tests.support.sheets_api import FakeSheets
from tests.support.simulated import definition

NO_JOBS = Catalogue(Path(), {}, {}, frozenset(), {}, {})


def test_a_secret_address_with_a_recipient_that_cannot_be_written_to_is_named(redis: Redis) -> None:
    settings = read_settings({"SHELFBEAT_OPERATORS": "secret:OPS"})
    address = "mailto://127.0.0.1:1?from=a@b.example&to=ops@acme.example,info@müller.example"
    here = Context(settings, redis, Ledger(redis), (Environment({"OPS": address}),))
    (found,) = check_channels(here, NO_JOBS)
    assert (found.check, found.health) == ("channel of operators", "problem")
    assert found.found == "secret:OPS (E-mail to ops@acme.example) would leave out info@müller.example"
    assert "ASCII" in found.fix


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "json://127.0.0.1:1/s3cret",
            "the server of secret:OPS (JSON 127.0.0.1) cannot be reached: Connection refused",
        ),
        ("s3cret", "secret:OPS (not an address): nothing can be sent there"),
    ],
)
def test_the_address_in_a_secret_is_spoken_of_by_its_name_and_kind(
    redis: Redis, address: str, said: str
) -> None:
    settings = read_settings({"SHELFBEAT_OPERATORS": "secret:OPS"})
    here = Context(settings, redis, Ledger(redis), (Environment({"OPS": address}),))
    (found,) = check_channels(here, NO_JOBS)
    assert found.found == said


def test_a_secret_that_is_not_set_is_told_with_who_needs_it(redis: Redis) -> None:
    text = definition("daily", notify="[secret:TEAM]")
    jobs = {name: load_definition(text.replace("daily", name), known_fields=frozenset()) for name in "abcde"}
    here = Context(
        read_settings({"SHELFBEAT_MONITOR": "secret:OPS"}), redis, Ledger(redis), (Environment({}),)
    )
    found = [one.found for one in check_secrets(here, replace(NO_JOBS, jobs=jobs))]
    assert found == [
        "secret OPS is not set; looked in the environment; it is for SHELFBEAT_MONITOR",
        "secret TEAM is not set; looked in the environment; it is for a, b, c and 2 more",
    ]


def test_a_spreadsheet_that_may_be_read_but_not_written_is_named(redis: Redis) -> None:
    text = definition("plain").replace("{files: [csv]}", "{sheet: {spreadsheet: 1AbC}}")
    jobs = {"plain": load_definition(text, known_fields=frozenset())}
    with FakeSheets() as fake:
        fake.add("1AbC")
        settings = read_settings(
            {"SHELFBEAT_SHEETS_API_ROOT": fake.root, "SHELFBEAT_DRIVE_API_ROOT": fake.root}
        )
        here = Context(settings, redis, Ledger(redis), ())
        (writable,) = check_sheets(here, replace(NO_JOBS, jobs=jobs))
        fake.let_read_only("1AbC")
        (readable,) = check_sheets(here, replace(NO_JOBS, jobs=jobs))
        with pytest.raises(NoAccess):  # as the fake refuses it, so does Google
            here.google.batch_update("1AbC", [{"addSheet": {"properties": {"title": "New"}}}])
        here.google.close()
    assert (writable.health, writable.found) == ("good", "“Prices” can be read and written")
    assert (readable.health, readable.found) == ("problem", "“Prices” can be read, but not written")
    assert "as an editor" in readable.fix
