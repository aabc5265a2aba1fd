import pytest

from jobs.catalogue import load_definition
from jobs.errors import InvalidDefinition
from jobs.variables import Variable, VariableType, references

TEXT = """\
job: a
schedule: ${WHEN}
fetch: {batch_size: "${SIZE}", second_pass: "${TWICE}"}
urls:
  - feed: https://${HOST}/feed.xml?x=$${HOST}
publish: {files: [csv]}
"""
VALUES = {"WHEN": "0 5 * * 1", "SIZE": "100", "TWICE": "true", "HOST": "shop.example"}


def test_references_are_replaced_by_the_values_of_variables() -> None:
    report = load_definition(TEXT, known_fields=frozenset(), variables=VALUES)
    assert report.schedule == "0 5 * * 1"
    assert report.fetch.batch_size == 100
    assert report.fetch.second_pass is True
    assert report.urls[0].model_dump() == {"feed": "https://shop.example/feed.xml?x=${HOST}"}


def test_an_unknown_variable_is_a_mistake_with_its_line_and_told_once() -> None:
    variables = {key: value for key, value in VALUES.items() if key != "WHEN"} | {"WHEN_": "x"}
    with pytest.raises(InvalidDefinition) as caught:
        load_definition(TEXT, known_fields=frozenset(), variables=variables)
    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.key, mistake.given) == (2, "schedule", "${WHEN}")
    assert mistake.allowed == (
        "there is no Variable WHEN; nearest: WHEN_; else set it: shelfbeat variables set WHEN VALUE"
    )


@pytest.mark.parametrize(("name", "nearest"), [("size", "; nearest: SIZE"), ("other thing", "")])
def test_what_can_be_no_name_is_told_how_names_are_and_not_to_set_it(name: str, nearest: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        load_definition(f"{TEXT}category: ${{{name}}}\n", known_fields=frozenset(), variables=VALUES)
    (mistake,) = caught.value.mistakes
    assert mistake.allowed == (
        f"the name of a Variable, of capital letters, digits and _; $${{…}} where no Variable is meant{nearest}"
    )


def test_a_value_is_held_to_the_rules_of_its_place() -> None:
    with pytest.raises(InvalidDefinition, match="2: schedule: a cron expression"):
        load_definition(TEXT, known_fields=frozenset(), variables={**VALUES, "WHEN": "at six"})


def test_a_value_is_not_searched_for_references_again() -> None:
    report = load_definition(TEXT, known_fields=frozenset(), variables={**VALUES, "HOST": "${SIZE}"})
    assert report.urls[0].model_dump() == {"feed": "https://${SIZE}/feed.xml?x=${HOST}"}


def test_the_names_in_a_definition_are_found_escapes_left_out() -> None:
    assert references({"a": ["${X} $${Y}", 3], "b": {"c": "${Z}${X}"}}) == {"X", "Z"}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", "-12", "1.5"),
        ("number", "0.25", "a"),
        ("boolean", "true", "yes"),
        ("duration", "1h30m", "1 hour"),
        ("cron", "0 6 * * MON-FRI", "0 6 * *"),
        ("timezone", "Asia/Tokyo", "Tokyo"),
        ("address", "https://shop.example/feed", "shop"),
        ("text", "", "x" * 10_001),
    ],
)
def test_a_variable_holds_to_its_type(kind: VariableType, good: str, bad: str) -> None:
    assert Variable("X", good, kind).value == good
    with pytest.raises(ValueError, match=r"\(given: |characters"):
        Variable("X", bad, kind)


@pytest.mark.parametrize("name", ["", "lower", "1A", "A-B", "A\n", "A" * 64])
def test_a_variable_has_a_name_of_capital_letters(name: str) -> None:
    with pytest.raises(ValueError, match="capital letters"):
        Variable(name, "x")
