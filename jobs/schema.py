"""The JSON Schema of a definition file, made from the models: editors complete and check with it.

`report.schema.json` beside this module is what it gives; a test holds the two together.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from jobs.definition import Report
from jobs.model import FIELD_FORMAT
from jobs.units import DURATION_PATTERN, format_duration

SCHEMA_FILE: Final = Path(__file__).with_name("report.schema.json")
_ISO_DURATION: Final = TypeAdapter(timedelta)
_REFERENCE: Final = {"$ref": "#/$defs/VariableReference"}
# Where these stand, a text with ${NAME} in it would not pass; `type: string` alone lets it through.
_NARROW: Final = ("enum", "const", "pattern", "minimum", "maximum", "exclusiveMinimum", "format")


def report_schema(known_fields: Iterable[str]) -> dict[str, Any]:
    """Return the schema of a report's definition; `known_fields` are the names a column may have."""
    schema: dict[str, Any] = _with_references(Report.model_json_schema(), sorted(known_fields))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Shelfbeat report"
    schema["$defs"]["VariableReference"] = {
        "type": "string",
        "pattern": r"\$\{[A-Z][A-Z0-9_]*\}",
        "description": "A value with a Variable in it.",
    }
    return schema


def schema_text(known_fields: Iterable[str]) -> str:
    """Return the schema as the shipped file has it."""
    return json.dumps(report_schema(known_fields), indent=2, ensure_ascii=False) + "\n"


def _with_references(node: Any, fields: list[str]) -> Any:
    """Return the schema with the fields' names filled in and `${NAME}` allowed wherever a value stands."""
    if isinstance(node, list):
        return [_with_references(item, fields) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == FIELD_FORMAT:
        node = {key: value for key, value in node.items() if key != "format"} | {"enum": fields}
    if node.get("pattern") == DURATION_PATTERN and "default" in node:
        # pydantic writes a default in the form of ISO 8601, which a definition does not read.
        node = node | {"default": format_duration(_ISO_DURATION.validate_python(node["default"]))}
    kind = node.get("type")
    if kind in {"integer", "number", "boolean"} or (kind == "string" and any(key in node for key in _NARROW)):
        about = {key: node[key] for key in ("title", "description", "default") if key in node}
        rule = {key: value for key, value in node.items() if key not in about}
        return about | {"anyOf": [rule, _REFERENCE]}
    # Names of keys are written out; only values may be Variables.
    return {
        key: value if key in {"propertyNames", "default", "examples"} else _with_references(value, fields)
        for key, value in node.items()
    }
