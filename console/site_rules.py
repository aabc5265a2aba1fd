"""Site rules from a file, for trying them: a job's whole definition, or `sites:` alone."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobs.definition import SiteRules
from jobs.document import parse_document, read_text
from jobs.errors import InvalidDefinition, Mistake
from jobs.mistakes import to_mistakes


class RulesFile(BaseModel):
    """What is read of the file: its `sites`; the other keys of a definition are checked by `jobs check`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sites: dict[str, SiteRules] = Field(min_length=1)


def read_site_rules(path: Path) -> dict[str, SiteRules]:
    """Return {host: rules}. Raises InvalidDefinition with every mistake and its line."""
    text = read_text(path)
    if isinstance(text, Mistake):
        raise InvalidDefinition(path, (text,))
    document, mistakes = parse_document(text, str(path))
    if mistakes:
        raise InvalidDefinition(path, tuple(mistakes))
    try:
        return RulesFile.model_validate(document.data).sites
    except ValidationError as error:
        raise InvalidDefinition(path, to_mistakes(error.errors(), document, RulesFile)) from error
