"""Values for one run alone: a definition with some keys changed, held to the same rules as a file."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from jobs.definition import Report
from jobs.document import Document
from jobs.errors import InvalidDefinition
from jobs.mistakes import to_mistakes

WHERE = "(for this run)"


def overridden(report: Report, overrides: Mapping[str, object]) -> Report:
    """Return the definition with the values of dotted keys (`fetch.batch_size`) changed.

    The name stays what it is. Raises InvalidDefinition with all mistakes.
    """
    if not overrides:
        return report
    data: dict[str, Any] = report.model_dump(mode="json", exclude_none=True)
    for key, value in overrides.items():
        _put(data, key.split("."), value)
    data["job"] = report.job
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        mistakes = to_mistakes(error.errors(), Document(WHERE, data, {}))
        raise InvalidDefinition(WHERE, tuple(mistakes)) from error


def _put(data: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for name in parents:
        inner = data.get(name)
        data[name] = inner if isinstance(inner, dict) else {}
        data = data[name]
    data[last] = value
