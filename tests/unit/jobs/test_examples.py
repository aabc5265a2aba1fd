"""The examples and the manual are definitions that load."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from jobs.catalogue import load_catalogue, load_definition
from jobs.definition import Fetch, Gates, Publish, Report, SheetTarget
from jobs.definition_file import definition_text
from jobs.job import Escalation
from jobs.maintenance import Maintenance
from jobs.url_sources import FeedSource, FileSource, SheetSource, SitemapSource
from jobs.variable_file import parse_variables
from reports.columns import known_fields
from reports.template_trial import try_template

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


def test_a_definition_that_is_written_out_is_the_same_when_read_again() -> None:
    text = (ROOT / "examples/variables/variables.yaml").read_text("utf-8")
    variables = {variable.name: variable.value for variable in parse_variables(text, "variables.yaml")}
    catalogue = load_catalogue(ROOT / "examples", known_fields=FIELDS, variables=variables)
    reports = [job for job in catalogue.jobs.values() if isinstance(job, Report)]
    reports.append(reports[0].model_copy(update={"description": "0600, ${NIGHTLY}: 'yes'\nno # none"}))
    for report in reports:
        assert load_definition(definition_text(report), known_fields=FIELDS) == report


def test_the_definition_of_the_manual_loads_and_so_do_its_variables(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(BLOCKS[0], "utf-8")
    (tmp_path / "words").mkdir()
    (tmp_path / "words/acme.html.j2").write_text("{% extends 'report.html.j2' %}")
    report = load_definition(tmp_path / "acme.yaml", known_fields=FIELDS, try_template=try_template)
    assert report.job == "acme-daily"
    assert [variable.name for variable in parse_variables(BLOCKS[1], "manual")] == ["NIGHTLY", "SHOP"]


MODELS = (
    Report,
    Escalation,
    FileSource,
    SitemapSource,
    FeedSource,
    SheetSource,
    Fetch,
    Publish,
    SheetTarget,
    Gates,
)


@pytest.mark.parametrize("model", MODELS)
def test_the_manual_shows_every_key(model: type[BaseModel]) -> None:
    missing = [key for key in model.model_fields if not re.search(rf"\b{key}:", BLOCKS[0])]
    assert missing == []


def test_the_maintenance_job_of_the_manual_loads(tmp_path: Path) -> None:
    operations = (ROOT / "docs/operations.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", operations, re.DOTALL)
    (tmp_path / "usage.yaml").write_text(block)
    catalogue = load_catalogue(tmp_path, known_fields=FIELDS)
    assert catalogue.mistakes == ()
    assert isinstance(catalogue.jobs["usage-summary"], Maintenance)


def test_a_wrong_key_of_a_maintenance_job_is_told_with_the_keys_it_has(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("job: a\nmaintenance: clean-up\nurls: []\nprices: {per_page: 1}\n")
    (first, second) = load_catalogue(tmp_path, known_fields=FIELDS).mistakes
    assert (first.key, second.key) == ("urls", "prices.per_page")
    assert "keep_files" in first.allowed
    assert "per_1000_pages" in second.allowed
