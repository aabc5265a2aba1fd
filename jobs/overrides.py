"""Values for one run alone: a definition with some keys changed, held to the same rules as a file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from jobs.document import Document
from jobs.errors import InvalidDefinition
from jobs.job import Job
from jobs.mistakes import to_mistakes

WHERE: Final = "(for this run)"
JobT = TypeVar("JobT", bound=Job)


def overridden(job: JobT, overrides: Mapping[str, object]) -> JobT:
    """Return the definition with the values of dotted keys (`fetch.batch_size`) changed.

    Settings of one place may be given together: `{"fetch": {"rate": 5}}` is `{"fetch.rate": 5}`. A table (`sites`) is
    replaced as a whole. The name stays what it is. Raises InvalidDefinition with all mistakes.
    """
    if not overrides:
        return job
    data: dict[str, Any] = job.model_dump(mode="json", exclude_none=True)
    for key, value in overrides.items():
        if isinstance(value, Mapping) and _is_settings(type(job), key):
            for name, inner in value.items():
                _put(data, [key, name], inner)
        else:
            _put(data, key.split("."), value)
    data["job"] = job.job
    try:
        return type(job).model_validate(data)
    except ValidationError as error:
        mistakes = to_mistakes(error.errors(), Document(WHERE, data, {}), type(job))
        raise InvalidDefinition(WHERE, tuple(replace(mistake, line=0) for mistake in mistakes)) from error


def _put(data: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for name in parents:
        inner = data.get(name)
        data[name] = inner if isinstance(inner, dict) else {}
        data = data[name]
    data[last] = value


def _is_settings(kind: type[Job], key: str) -> bool:
    """Whether a key holds settings of fixed names, such as `fetch`, and no table."""
    field = kind.model_fields.get(key)
    return (
        field is not None and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    )
