"""What the doctor says of the outside: channels and spreadsheets, on loopback."""

from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from console.doctor.outside import check_channels, check_sheets
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
    assert found.found == "secret:OPS would leave out info@müller.example"
    assert "ASCII" in found.fix


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
