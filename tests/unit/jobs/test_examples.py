"""The examples and the manual are definitions that load."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from jobs.catalogue import load_catalogue, load_definition
from jobs.definition import Fetch, Gates, Publish, Report, SheetTarget
from jobs.url_sources import FeedSource, FileSource, SheetSource, SitemapSource
from jobs.variable_file import parse_variables
from reports.columns import known_fields

ROOT = Path(__file__).parents[3]
FIELDS = known_fields()
MANUAL = (ROOT / "docs/definitions.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)


def test_every_example_loads_with_the_example_variables() -> None:
    text = (ROOT / "examples/variables/variables.yaml").read_text("utf-8")
    variables = {variable.name: variable.value for variable in parse_variables(text, "variables.yaml")}
    catalogue = load_catalogue(ROOT / "examples", known_fields=FIELDS, variables=variables)
    assert catalogue.mistakes == ()
    assert {"acme-daily", "acme-feed-check"} <= set(catalogue.jobs)


def test_the_definition_of_the_manual_loads_and_so_do_its_variables() -> None:
    report = load_definition(BLOCKS[0], known_fields=FIELDS)
    assert report.job == "acme-daily"
    assert [variable.name for variable in parse_variables(BLOCKS[1], "manual")] == ["NIGHTLY", "SHOP"]


MODELS = (Report, FileSource, SitemapSource, FeedSource, SheetSource, Fetch, Publish, SheetTarget, Gates)


@pytest.mark.parametrize("model", MODELS)
def test_the_manual_shows_every_key(model: type[BaseModel]) -> None:
    missing = [key for key in model.model_fields if not re.search(rf"\b{key}:", BLOCKS[0])]
    assert missing == []
