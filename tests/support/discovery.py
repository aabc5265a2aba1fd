"""Google's discovery documents as judges: is this request, is this answer what the API speaks?"""

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Final

import googleapiclient

from tests.support.fields_mask import parsed


class NotTheApi(Exception):  # noqa: N818 - the name says what it is
    """A request or answer that the discovery document does not allow."""


@cache
def document(name: str) -> dict[str, Any]:
    """Return a discovery document as google-api-python-client ships it: `sheets.v4`, `drive.v3`."""
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def check(name: str, schema: str, value: object) -> None:
    """Raise NotTheApi when a value is not of a schema of the document, unknown keys included."""
    _check(document(name)["schemas"], {"$ref": schema}, value, schema)


def check_parameters(name: str, method: str, given: dict[str, list[str]]) -> None:
    """Raise NotTheApi for a query parameter that the method `spreadsheets.values.batchGet` does not have."""
    known = {**document(name)["parameters"], **_method(name, method).get("parameters", {})}
    for key, values in given.items():
        if key not in known:
            message = f"{method} has no parameter {key}"
            raise NotTheApi(message)
        allowed = known[key].get("enum")
        if allowed and not set(values) <= set(allowed):
            message = f"{method}: {key} is one of {allowed}, not {values}"
            raise NotTheApi(message)


def check_scopes(name: str, method: str, granted: Collection[str]) -> None:
    """Raise PermissionError where a token of these scopes may not call the method."""
    allowed = _method(name, method)["scopes"]
    if not set(allowed) & set(granted):
        msg = f"{method} asks for one of {allowed}"
        raise PermissionError(msg)


def _method(name: str, method: str) -> dict[str, Any]:
    found = document(name)
    *resources, last = method.split(".")
    for resource in resources:
        found = found["resources"][resource]
    described: dict[str, Any] = found["methods"][last]
    return described


def check_mask(name: str, schema: str, mask: str) -> None:
    """Raise NotTheApi for a field mask that is empty or names what a schema does not have."""
    _check_mask(document(name)["schemas"], {"$ref": schema}, mask)


# What the mask of an update selects from.
_MASKED: Final = {
    "UpdateCellsRequest": {"$ref": "CellData"},
    "RepeatCellRequest": {"$ref": "CellData"},
    "UpdateSheetPropertiesRequest": {"$ref": "SheetProperties"},
    "UpdateDimensionPropertiesRequest": {"$ref": "DimensionProperties"},
    "UpdateDeveloperMetadataRequest": {"$ref": "DeveloperMetadata"},
}
# Unions, which the documents name in words only: of these keys exactly one.
_ONE_OF: Final = {
    "Request": None,  # of all its keys
    "UpdateCellsRequest": ("start", "range"),
    "BasicFilter": ("range", "tableId"),
    "ExtendedValue": None,
}


def _check_mask(schemas: dict[str, Any], schema: dict[str, Any], mask: str) -> None:
    found = parsed(mask)
    if not found:
        raise NotTheApi("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    _check_names(schemas, schema, found, mask)


def _check_names(schemas: dict[str, Any], schema: dict[str, Any], names: dict[str, Any], mask: str) -> None:
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    if schema.get("type") == "array":
        _check_names(schemas, schema["items"], names, mask)
        return
    for name, inner in names.items():
        if name != "*" and name not in schema.get("properties", {}):
            msg = f"Invalid field selection {name} in {mask}"
            raise NotTheApi(msg)
        if inner:
            _check_names(schemas, schema["properties"][name], inner, mask)


def _check(schemas: dict[str, Any], schema: dict[str, Any], value: object, at: str) -> None:
    if "$ref" in schema:
        _check_union(schema["$ref"], value, at)
        _check_update(schemas, schema["$ref"], value)
        schema = schemas[schema["$ref"]]
    kind = schema.get("type")
    if kind in {None, "any"}:
        return
    if kind == "object":
        _check_object(schemas, schema, value, at)
    elif kind == "array":
        if not isinstance(value, list):
            msg = f"{at}: not a list: {value!r:.80}"
            raise NotTheApi(msg)
        for index, item in enumerate(value):
            _check(schemas, schema["items"], item, f"{at}[{index}]")
    else:
        _check_scalar(schema, value, at)


def _check_union(schema: str, value: object, at: str) -> None:
    if schema in _ONE_OF and isinstance(value, dict) and value:
        keys = _ONE_OF[schema] or tuple(value)
        given = [key for key in keys if key in value]
        if len(given) != 1:
            msg = f"{at}: exactly one of {keys}, not {given}"
            raise NotTheApi(msg)


def _check_update(schemas: dict[str, Any], schema: str, value: object) -> None:
    if schema in _MASKED and isinstance(value, dict):
        _check_mask(schemas, _MASKED[schema], str(value.get("fields", "")))


def _check_object(schemas: dict[str, Any], schema: dict[str, Any], value: object, at: str) -> None:
    if not isinstance(value, dict):
        msg = f"{at}: not an object: {value!r:.80}"
        raise NotTheApi(msg)
    properties, other = schema.get("properties", {}), schema.get("additionalProperties")
    for key, item in value.items():
        if key in properties:
            _check(schemas, properties[key], item, f"{at}.{key}")
        elif other is not None:
            _check(schemas, other, item, f"{at}.{key}")
        else:
            msg = f"{at}: unknown name {key!r}"
            raise NotTheApi(msg)


def _check_scalar(schema: dict[str, Any], value: object, at: str) -> None:
    kind = schema["type"]
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool) and 0 <= abs(value) < 2**31,
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }[kind]
    if not fits:
        msg = f"{at}: not of type {kind}: {value!r:.80}"
        raise NotTheApi(msg)
    if "enum" in schema and value not in schema["enum"]:
        msg = f"{at}: {value!r} is none of {schema['enum']}"
        raise NotTheApi(msg)
