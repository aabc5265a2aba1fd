"""A job's own templates: what they may say, what they cannot do, and that no message is ever lost to one."""

import re
import textwrap
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, get_args

import msgspec
import pytest

from jobs.definition import Report
from jobs.message import MessageTemplates, Part
from reports.message import Place, RunFacts, compose
from reports.own_message import NAMES
from reports.row import Row
from reports.summary import Named, PriceChange, Summary, summarise
from reports.template_trial import sample_message, try_template

FACTS: Final = RunFacts(
    job="acme-daily",
    run="r1",
    customer="ACME & Sons",
    state="published",
    timezone="Europe/Berlin",
    due_at=datetime(2026, 11, 23, 5, tzinfo=UTC),
    published=(Place(kind="sheet", link="https://docs.google.com/spreadsheets/d/1AbC"),),
)


def day(name: str = "Kettle") -> Summary:
    row = Row(
        position=0,
        url="https://shop.example/@brand/1",
        page_type="product",
        name=name,
        price=Decimal(25),
        previous_price=Decimal(20),
        currency="EUR",
        changes=("price_up",),
    )
    return summarise([row])


def test_a_job_words_its_subject_and_text_and_leaves_the_html_as_it_is() -> None:
    templates = MessageTemplates(
        subject="{{ facts.customer }}: {{ counted(summary.price_changed, 'Preis', 'Preise') }} anders",
        text="Guten Morgen!\n{% for change in summary.price_changes %}\n"
        "{{ change.name }}: {{ amount(change.old, none) }} → {{ amount(change.new, change.currency) }}\n"
        "{% endfor %}\n{{ facts.published[0].link }}\n",
    )
    message, built_in = compose(day(), FACTS, templates=templates), compose(day(), FACTS)
    assert message.subject == "ACME & Sons: 1 Preis anders"
    assert message.text == (
        "Guten Morgen!\nKettle: 20.00 → 25.00 EUR\nhttps://docs.google.com/spreadsheets/d/1AbC\n"
    )
    assert (message.html, message.kind, message.unused) == (built_in.html, "delivered", "")


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_template_may_put_its_own_words_around_the_built_in_ones(part: Part) -> None:
    extended = "{% extends 'report." + ("txt" if part == "text" else "html") + ".j2' %}"
    source = (
        extended + "{% block top %}Guten Morgen!\n\n{% endblock %}{% block bottom %}Bis morgen{% endblock %}"
    )
    assert try_template(part, source) is None
    message = compose(day(), FACTS, templates=MessageTemplates(**{part: source}))
    told, built_in = getattr(message, part), getattr(compose(day(), FACTS), part)
    assert told.index("Guten Morgen!") < told.index("20.00 EUR →") < told.index("Bis morgen")
    assert len(told) > len(built_in)


EVIL: Final = "<!channel> @everyone <script>alert(1)</script>"


def test_what_a_page_says_calls_nobody_and_runs_nothing_in_a_jobs_own_words() -> None:
    own = (
        "{% for change in summary.price_changes %}{{ change.name }} {{ change.url }} <b>&amp;</b>{% endfor %}"
    )
    message = compose(day(EVIL), FACTS, templates=MessageTemplates(subject=own, text=own, html=own))
    for told in (message.subject, message.text):
        assert "@" not in told
        assert "<!" not in told
        assert "<script" not in told
        assert "https://shop.example/%40brand/1 <b>&amp;</b>" in told
    assert "<script" not in message.html
    assert "&lt;script&gt;" in message.html
    assert "<b>&amp;</b>" in message.html


def test_a_held_report_is_told_in_words_that_say_what_to_do() -> None:
    facts = msgspec.structs.replace(FACTS, state="held", warnings=("too few products",))
    message = compose(day(), facts, templates=MessageTemplates(subject="All well", text="All well"))
    assert message.subject.endswith("HELD, not published: too few products")
    assert "shelfbeat runs release r1" in message.text


BROKEN: Final = {
    "Hi\n{{ sumary.products }}": (
        2,
        "there is no sumary; nearest: summary; a message may use facts, first, kind, previous",
    ),
    "Hi\n\n{{ summary.prodcts }}": (3, "Summary has no attribute 'prodcts'; nearest: products"),
    "{{ facts.custmer }}": (1, "RunFacts has no attribute 'custmer'; nearest: customer"),
    "{{ summary.failures.http_40 }}": (1, "dict has no attribute 'http_40'; nearest: http_404"),
    "Hi\n{% if kind": (2, "unexpected end of template"),
    "{{ previous.products }}": (1, "so on a job's first day: no run before it"),
    "Hi\n{{ summary.products | shout }}": (2, "No filter named 'shout'"),
    "{{ 1 / 0 }}": (1, "division by zero"),
    "{{ facts.__class__.__mro__ }}": (1, "unsafe"),
    "{% include '/etc/passwd' %}": (1, "there is no template /etc/passwd; it may extend report.txt.j2"),
    "a{% for x in range(9999) %}{% for y in range(9999) %}{% endfor %}{% endfor %}": (1, "more than 100,000"),
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}": (1, ""),
    "{{ 'x' * 10000000000 }}": (1, "only numbers can be multiplied"),
    "{{ 9 ** 9 ** 9 }}": (1, "there is no power"),
    "{{ '%0200000d' % 1 }}": (1, "only numbers have a remainder"),
    "{{ '%0200000d' | format(1) }}": (1, "there is no batch, center"),
    "{{ 'x' | center(200000) }}": (1, "there is no batch, center"),
    "{{ subject | indent(200000, true) }}": (1, "there is no batch, center"),
    "{{ [1] | batch(200000, 'x') | list }}": (1, "there is no batch, center"),
    "{{ '{:0200000d}'.format(1) }}": (1, "a width of more than"),
    "{{ '{:{}}'.format(1, 200000) }}": (1, "a width of more than"),
    "{{ subject.ljust(200000) }}": (1, "unsafe"),
    "{{ 'x'.zfill(200000) }}": (1, "unsafe"),
    "{% for x in range(9999) %}{{ subject * 1 }}{% endfor %}": (1, "only numbers"),
    "{% for x in range(99999) %}{{ 'a long word' }}{% endfor %}": (0, "more than 1,000,000 characters"),
    "{% if false %}never{% endif %}": (0, "nothing but white space"),
}


@pytest.mark.parametrize("source", BROKEN)
def test_a_template_that_does_not_work_is_told_with_line_and_reason(source: str) -> None:
    fault = try_template("text", source)
    assert fault is not None
    line, words = BROKEN[source]
    assert fault.line == line
    assert words in fault.what


@pytest.mark.parametrize("part", get_args(Part))
@pytest.mark.parametrize("source", BROKEN)
def test_a_message_whose_template_does_not_work_is_told_in_the_built_in_words(
    part: Part, source: str
) -> None:
    if source == "{{ previous.products }}":
        source = "{{ previous.products.x }}"
    message = compose(day(), FACTS, templates=MessageTemplates(**{part: source}))
    assert message.unused.startswith(f"message.{part}")
    assert msgspec.structs.replace(message, unused="") == compose(day(), FACTS)


def test_a_sample_is_told_in_the_jobs_words_and_says_that_it_is_one() -> None:
    job = {"job": "acme", "urls": [{"list": ["https://a.example/"]}], "publish": {"files": ["csv"]}}
    built_in = sample_message(Report.model_validate(job))
    assert built_in.subject == "TEST · acme: delivered with gaps, 9 of 10 URLs (90 %)"
    assert "these figures are made up" in built_in.text
    assert "these figures are made up" in built_in.html
    own = sample_message(
        Report.model_validate({**job, "message": {"subject": "{{ summary.products }} Produkte"}})
    )
    assert (own.subject, own.text) == ("TEST · 9 Produkte", built_in.text)


MANUAL: Final = (Path(__file__).parents[3] / "docs/publishing.md").read_text("utf-8")
SECTION: Final = MANUAL.partition("### Your own words")[2].partition("\n## ")[0]


def test_the_manual_lists_everything_that_a_template_may_use() -> None:
    for struct in (RunFacts, Summary, Place, PriceChange, Named):
        missing = {name for name in struct.__struct_fields__ if f"`{name}`" not in SECTION}
        assert missing <= {"state", "position", "page_types", "feed", "changes"}, struct
    assert all(f"`{name}`" in SECTION for name in NAMES)


def test_the_templates_of_the_manual_work() -> None:
    blocks = re.findall(r"\n\n((?:    .*\n)+)", SECTION)
    assert len(blocks) == 2
    assert [try_template("text", textwrap.dedent(block)) for block in blocks] == [None, None]
