import pytest

from jobs.errors import InvalidDefinition
from jobs.variable_file import parse_variables, variables_text
from jobs.variables import Variable

TEXT = """\
NIGHTLY: {type: cron, value: "0 6 * * *", description: After the shops' own import}
SHOP: shop.acme.example
BATCH: {type: integer, value: 250}
TWICE: {type: boolean, value: true}
"""


def test_a_variable_is_a_value_or_a_value_with_type_and_description() -> None:
    assert parse_variables(TEXT, "v.yaml") == (
        Variable("NIGHTLY", "0 6 * * *", "cron", "After the shops' own import"),
        Variable("SHOP", "shop.acme.example"),
        Variable("BATCH", "250", "integer"),
        Variable("TWICE", "true", "boolean"),
    )


def test_what_is_exported_is_imported_as_the_same() -> None:
    variables = (
        *parse_variables(TEXT, "v.yaml"),
        Variable("ODD", "a: 'b'\n- \"ü\" ${X}"),
        Variable("NO", "no"),
    )
    assert sorted(parse_variables(variables_text(variables), "v"), key=lambda v: v.name) == sorted(
        variables, key=lambda v: v.name
    )
    assert parse_variables(variables_text(()), "v") == ()


def test_every_mistake_is_told_at_once() -> None:
    text = "A: {type: crn, value: x}\nb: 1\nC: {type: integer, value: x}\nD: {valeu: 1}\nE: [1]\n"
    with pytest.raises(InvalidDefinition) as caught:
        parse_variables(text, "v.yaml")
    told = [(mistake.line, mistake.key, mistake.allowed) for mistake in caught.value.mistakes]
    assert [(line, key) for line, key, _ in told] == [
        (1, "A.type"),
        (2, "b"),
        (3, "C"),
        (4, "D.valeu"),
        (4, "D.value"),
        (5, "E.value"),
    ]
    assert "nearest: cron" in told[0][2]
    assert told[2][2] == "a whole number"
    assert "nearest: value" in told[3][2]
