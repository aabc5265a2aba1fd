"""A definition's own templates: inline or from files, read with it, and told with file, line and key where wrong."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.catalogue import Catalogue, load_catalogue
from jobs.definition import Report
from jobs.message import Part, TemplateFault

Write = Callable[..., Path]

OWN = """\
job: acme
urls:
  - list: ["https://shop.example/kettle"]
publish:
  files: [csv]
message:
  subject: "{{ facts.customer }}"
  text: |
    Hello
    {{ WRONG }}
  html: {file: words/acme.html.j2}
"""


def wrong_where_it_says(part: Part, source: str) -> TemplateFault | None:
    """Find fault with the line that says WRONG."""
    for number, line in enumerate(source.splitlines(), start=1):
        if "WRONG" in line:
            return TemplateFault(number, f"the {part} is wrong")
    return None


def load(folder: Path, previous: Catalogue | None = None) -> Catalogue:
    return load_catalogue(
        folder, known_fields=frozenset(), try_template=wrong_where_it_says, previous=previous
    )


@pytest.fixture
def words(tmp_path: Path) -> Path:
    (tmp_path / "words").mkdir()
    path = tmp_path / "words" / "acme.html.j2"
    path.write_text("<p>Grüße</p>\n", "utf-8")
    return path


def report(catalogue: Catalogue) -> Report:
    found = catalogue.jobs["acme"]
    assert isinstance(found, Report)
    return found


def test_templates_travel_with_the_definition(write: Write, words: Path, tmp_path: Path) -> None:
    write("acme.yaml", OWN.replace("WRONG", "subject"))
    found = report(load(tmp_path))
    assert found.message.subject == "{{ facts.customer }}"
    assert found.message.text == "Hello\n{{ subject }}\n"
    assert found.message.html == "<p>Grüße</p>\n"
    assert Report.model_validate_json(found.model_dump_json()) == found


def test_a_wrong_line_of_a_template_is_told_with_its_place_in_the_file(
    write: Write, words: Path, tmp_path: Path
) -> None:
    definition = write("acme.yaml", OWN)
    words.write_text("<p>\n  WRONG\n</p>\n")
    found = [str(mistake) for mistake in load(tmp_path).mistakes]
    assert found == [
        f"{words}:2: message.html: a template that works; the html is wrong (given: 'WRONG')",
        f"{definition}:10: message.text: a template that works; the text is wrong (given: '{{{{ WRONG }}}}')",
    ]


def test_a_wrong_template_on_one_line_is_told_with_its_key(write: Write, words: Path, tmp_path: Path) -> None:
    write("acme.yaml", OWN.replace("{{ WRONG }}", "").replace("facts.customer", "WRONG"))
    (mistake,) = load(tmp_path).mistakes
    assert (mistake.line, mistake.key) == (7, "message.subject")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{file: words/none.j2}", "message.html.file: a file of UTF-8 text (given: "),
        ("{file: words}", "Is a directory"),
        ("{fle: words/acme.html.j2}", "message.html: a template, or {file: its path}"),
        ("[1]", "message.html: a template, or {file: its path}"),
        ("''", "message.html: a text that is not empty"),
    ],
)
def test_what_is_no_template_is_a_mistake(
    write: Write, words: Path, tmp_path: Path, given: str, said: str
) -> None:
    text = OWN.replace("{{ WRONG }}", "").replace("{file: words/acme.html.j2}", given)
    write("acme.yaml", text)
    (mistake,) = load(tmp_path).mistakes
    assert said in str(mistake)
    assert mistake.line == 11


def test_a_changed_template_file_is_read_and_a_broken_one_keeps_the_last_good_text(
    write: Write, words: Path, tmp_path: Path
) -> None:
    write("acme.yaml", OWN.replace("{{ WRONG }}", ""))
    first = load(tmp_path)
    assert load(tmp_path, first).entries == first.entries
    words.write_text("<p>Hallo</p>")
    os.utime(words, ns=(1, 1))
    second = load(tmp_path, first)
    assert report(second).message.html == "<p>Hallo</p>"
    words.write_text("WRONG")
    third = load(tmp_path, second)
    assert third.last_good == {"acme"}
    assert report(third).message.html == "<p>Hallo</p>"
    words.unlink()
    fourth = load(tmp_path, third)
    assert "No such file" in str(fourth.mistakes[0])
    assert report(fourth).message.html == "<p>Hallo</p>"
    words.write_text("<p>Moin</p>")
    assert report(load(tmp_path, fourth)).message.html == "<p>Moin</p>"
