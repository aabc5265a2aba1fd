"""Values for one run alone: a definition with some keys changed, held to the same rules as a file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from jobs.document import Document
from jobs.errors import InvalidDefinition
from jobs.job import Job
from jobs.mistakes import to_mistakes

WHERE: Final = "(for this run)"
JobT = TypeVar("JobT", bound=Job)


def overridden(job: JobT, overrides: Mapping[str, object]) -> JobT:
    """Return the definition with the values of dotted keys (`fetch.batch_size`) changed.

    A mapping changes the keys that it names and leaves the others beside them: `{"fetch": {"rate": 5}}` is
    `{"fetch.rate": 5}`. The name stays what it is. Raises InvalidDefinition with all mistakes.
    """
    if not overrides:
        return job
    data: dict[str, Any] = job.model_dump(mode="json", exclude_none=True)
    for key, value in overrides.items():
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
    if isinstance(value, Mapping) and isinstance(data.get(last), dict):
        for key, inner_value in value.items():
            _put(data[last], [key], inner_value)
    else:
        data[last] = value
