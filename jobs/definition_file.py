"""A definition written out as a file that says the same."""

import io
from typing import Any, Final

from ruamel.yaml import YAML

from jobs.job import Job

_LONGEST_LINE: Final = 10_000
"""Texts are not broken: people look for them."""


def definition_text(job: Job) -> str:
    """Return a definition as YAML with every default written out; read again, it gives the same job."""
    yaml = YAML(pure=True)
    yaml.width = _LONGEST_LINE
    out = io.StringIO()
    yaml.dump(_escaped(job.model_dump(mode="json", exclude_none=True)), out)
    return out.getvalue()


def _escaped(value: Any) -> Any:
    """Return data in which no text is taken for a reference to a Variable."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value
