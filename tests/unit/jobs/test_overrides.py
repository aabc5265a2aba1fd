"""Values for one run alone."""

import pytest

from jobs.catalogue import load_definition
from jobs.errors import InvalidDefinition
from jobs.overrides import overridden
from tests.support.simulated import definition

REPORT = load_definition(definition("a"), known_fields=frozenset())


def test_a_dotted_key_changes_one_value_and_the_definition_stays() -> None:
    found = overridden(REPORT, {"fetch.batch_size": 50, "deadline": "2h", "job": "b"})
    assert (found.fetch.batch_size, found.deadline.total_seconds(), found.job) == (50, 7_200, "a")
    assert REPORT.fetch.batch_size is None


def test_a_mapping_changes_what_it_names_and_leaves_the_rest_of_its_part() -> None:
    paced = overridden(REPORT, {"fetch.concurrency": 3})
    found = overridden(paced, {"fetch": {"rate": 5}})
    assert found == overridden(paced, {"fetch.rate": 5})
    assert (found.fetch.rate, found.fetch.concurrency) == (5, 3)


def test_a_table_is_replaced_as_a_whole() -> None:
    rules = {"shop.example": {"fields": {"price": {"css": "b"}}}}
    ruled = overridden(REPORT, {"sites": rules})
    found = overridden(ruled, {"sites": {"shop.example": {"fields": {"price": {"xpath": "//b"}}}}})
    assert found.sites["shop.example"].fields["price"].xpath == "//b"
    assert overridden(ruled, {"sites": {}}).sites == {}


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(InvalidDefinition) as raised:
        overridden(REPORT, {"fetch.batch_size": 0, "fetch.bach": 1})
    assert {mistake.key for mistake in raised.value.mistakes} == {"fetch.batch_size", "fetch.bach"}
