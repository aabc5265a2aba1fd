from jobs.schema import SCHEMA_FILE, report_schema, schema_text
from reports.columns import known_fields


def test_the_shipped_schema_is_the_one_the_models_give() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == schema_text(known_fields())


def test_three_keys_are_required_and_unknown_ones_refused() -> None:
    schema = report_schema(known_fields())
    assert schema["required"] == ["job", "urls", "publish"]
    assert schema["additionalProperties"] is False


def test_an_editor_may_complete_the_names_of_columns() -> None:
    field = report_schema(["price", "name"])["$defs"]["Column"]["properties"]["field"]
    assert field["anyOf"][0]["enum"] == ["name", "price"]


def test_a_variable_may_stand_where_a_number_is_asked() -> None:
    concurrency = report_schema(known_fields())["$defs"]["Fetch"]["properties"]["concurrency"]
    assert {"$ref": "#/$defs/VariableReference"} in concurrency["anyOf"]
    assert concurrency["description"] == "Pages under way at once in one batch."


def test_defaults_are_written_as_a_definition_would() -> None:
    assert report_schema(())["properties"]["deadline"]["default"] == "1h"
    assert "PT" not in schema_text(known_fields())
