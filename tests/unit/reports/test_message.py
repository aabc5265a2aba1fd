from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec
import pytest
from lxml import html

from reports.message import (
    Failure,
    Lack,
    Message,
    Place,
    Progress,
    RunFacts,
    compose,
    compose_at_risk,
    compose_failure,
    compose_late,
    compose_recovered,
    compose_undelivered,
)
from reports.row import Row
from reports.summary import Summary, summarise

DUE: Final = datetime(2026, 11, 23, 5, tzinfo=UTC)
FACTS: Final = RunFacts(
    job="acme-daily",
    run="r1",
    customer="ACME GmbH",
    state="published",
    timezone="Europe/Berlin",
    due_at=DUE,
    deadline_at=DUE + timedelta(hours=1),
    ended_at=DUE + timedelta(minutes=12),
    published=(
        Place(kind="sheet", link="https://docs.google.com/spreadsheets/d/1AbC", path="Reports / ACME"),
        Place(kind="xlsx", path="reports/acme-daily/2026-11-23/report.xlsx"),
    ),
)


def product(position: int, **fields: object) -> Row:
    row = Row(
        position=position,
        url=f"https://shop.example/{position}",
        page_type="product",
        name=f"Kettle {position}",
        price=Decimal("29.90"),
        currency="EUR",
        availability="in_stock",
    )
    return msgspec.structs.replace(row, **fields)


def day() -> Summary:
    rows = [product(i) for i in range(4)]
    rows.append(product(4, previous_price=Decimal("20"), price=Decimal("25"), changes=("price_up",)))
    rows.append(product(5, previous_price=Decimal("1500"), price=Decimal("1200"), changes=("price_down",)))
    rows.append(product(6, availability="out_of_stock", changes=("out_of_stock",)))
    rows.append(product(7, changes=("back_in_stock",)))
    rows.append(product(8, changes=("new",)))
    rows.append(Row(position=9, url="https://shop.example/9", failure="http_404", changes=("newly_failing",)))
    return summarise(rows, gone=3, gone_urls=["https://shop.example/old"])


def visible(message: Message) -> str:
    return " ".join(html.fromstring(message.html).text_content().split())


def test_the_subject_says_how_complete_it_is_and_what_changed() -> None:
    message = compose(day(), FACTS)
    assert message.kind == "delivered"
    assert message.subject == (
        "ACME GmbH · acme-daily: products from 9 of 10 URLs, 1 newly out of stock, 2 price changes"
    )


def test_the_share_of_pages_that_had_not_changed_is_told() -> None:
    rows = [product(0, http_status=304), product(1, http_status=304), product(2, http_status=200)]
    message = compose(summarise([*rows, Row(url="https://shop.example/3", failure="timeout")]), FACTS)
    told = "Pages unchanged since they were last read, so not sent again: 2 (66.7 %)"
    assert told in message.text
    assert told in visible(message)
    assert "unchanged" not in compose(day(), FACTS).text


def test_the_text_tells_the_most_important_first() -> None:
    text = compose(day(), FACTS, previous=day()).text
    told = [
        "products from 9 of 10 URLs",
        "sheet: https://docs.google.com/spreadsheets/d/1AbC (Reports / ACME)",
        "Products: 9 of 10 URLs (90 %), last time 9 of 10",
        "Without a product: 1\n• The shop has no such page any more: 1\n",
        "Newly out of stock: 1\n• Kettle 6 https://shop.example/6\n",
        "Price changes: 1 up, 1 down\n• Kettle 4: 20.00 EUR → 25.00 EUR (+25 %) https://shop.example/4\n",
        "• Kettle 5: 1,500.00 EUR → 1,200.00 EUR (\N{MINUS SIGN}20 %)",
        "Back in stock: 1",
        "Newly failing: 1\n• https://shop.example/9 (The shop has no such page any more (404))",
        "New in the list: 1",
        "Gone from the list: 3\n• https://shop.example/old\n… and 2 more",
        "Due Mon 23 Nov, 06:00 CET, done Mon 23 Nov, 06:12 CET · run r1",
    ]
    places = [text.find(part) for part in told]
    assert -1 not in places
    assert places == sorted(places)
    assert "\n\n\n" not in text


def test_the_html_tells_the_same_and_links_to_report_and_pages() -> None:
    message = compose(day(), FACTS)
    seen = visible(message)
    reason = "The shop has no such page any more: 1"
    for part in ("90 %", "Newly out of stock 1", "20.00 EUR → 25.00 EUR", "Gone from the list 3", reason):
        assert part in seen
    links = [link.get("href") for link in html.fromstring(message.html).iter("a")]
    assert links[0] == "https://docs.google.com/spreadsheets/d/1AbC"
    assert "https://shop.example/6" in links


def test_a_quiet_day_is_a_short_message() -> None:
    message = compose(summarise([product(i) for i in range(3)]), FACTS)
    assert message.subject == "ACME GmbH · acme-daily: products from 3 of 3 URLs"
    for heading in ("Price changes", "out of stock:", "Gone", "failing", "Without"):
        assert heading not in message.text


EVIL: Final = "<script>alert(1)</script>\r\nBcc: x@evil.example <!channel> @everyone {{ 7 * 7 }}"


@pytest.mark.parametrize("where", ["name", "warning", "customer", "happened"])
def test_texts_from_outside_do_nothing_but_stand_there(where: str) -> None:
    facts = msgspec.structs.replace(
        FACTS,
        customer=EVIL if where == "customer" else "",
        warnings=(EVIL,) if where == "warning" else (),
        state="held" if where == "warning" else "published",
    )
    if where == "happened":
        message = compose_failure(facts, Failure(step="scrape", happened=EVIL))
    else:
        message = compose(summarise([product(0, name=EVIL, changes=("new",))]), facts)
    assert "<script" not in message.html
    assert "alert(1)" in visible(message)
    assert "{{ 7 * 7 }}" in message.text
    assert "<" not in message.text
    assert "@" not in message.text
    assert "\n" not in message.subject
    assert "\r" not in message.text + message.subject


def test_only_http_addresses_become_links() -> None:
    facts = msgspec.structs.replace(FACTS, published=(Place(kind="sheet", link="javascript:alert(1)"),))
    message = compose(summarise([product(0, url="javascript:alert(2)", changes=("new",))]), facts)
    assert [link.get("href") for link in html.fromstring(message.html).iter("a")] == []


def test_a_page_address_in_a_chat_still_leads_to_its_page() -> None:
    row = product(0, url="https://shop.example/@brand/a b", name=None, changes=("new",))
    assert "• https://shop.example/%40brand/a%20b\n" in compose(summarise([row]), FACTS).text


def test_a_report_with_gaps_says_so_first() -> None:
    facts = msgspec.structs.replace(
        FACTS,
        state="published_with_gaps",
        warnings=("too few products",),
        notices=("It is in a file instead.",),
    )
    message = compose(day(), facts)
    assert message.kind == "delivered_with_gaps"
    assert message.subject == "ACME GmbH · acme-daily: delivered with gaps, 9 of 10 URLs (90 %)"
    assert message.text.index("⚠ too few products") < message.text.index("Products:")
    told = ["Delivered with gaps", "too few products", "It is in a file instead.", "newly out of stock"]
    places = [visible(message).find(part) for part in told]
    assert -1 not in places
    assert places == sorted(places)


def test_a_held_report_says_how_to_publish_or_drop_it() -> None:
    facts = msgspec.structs.replace(FACTS, state="held", warnings=("too few products",), published=())
    message = compose(day(), facts)
    assert message.subject == "ACME GmbH · acme-daily: HELD, not published: too few products"
    for text in (message.text, visible(message)):
        assert "shelfbeat runs release r1" in text
        assert "shelfbeat runs cancel r1" in text


@pytest.mark.parametrize("step", ["collect_urls", "scrape", "reduce_rows", "write_to_sheet", "write_message"])
def test_a_failure_says_which_step_what_happened_and_what_to_do(step: str) -> None:
    message = compose_failure(FACTS, Failure(step=step, happened="The sheet answered 403", attempts=3))
    assert message.subject == f"ACME GmbH · acme-daily: FAILED at {step}"
    for text in (message.text, visible(message)):
        assert "The sheet answered 403" in text
        assert "3 attempts" in text
        assert "shelfbeat" in text
        assert "{run}" not in text


def test_advice_of_the_step_itself_goes_before_the_usual_one() -> None:
    message = compose_failure(FACTS, Failure(step="scrape", happened="x", todo=("Ask the shop about {job}",)))
    assert "1. Ask the shop about acme-daily" in message.text
    assert "doctor" not in message.text


def test_a_run_at_risk_a_late_one_and_one_never_started_are_different_messages() -> None:
    progress = Progress(step="scrape", pages=300, urls=1_113, expected_at=DUE + timedelta(hours=2))
    risk, late = compose_at_risk(FACTS, progress), compose_late(FACTS, progress)
    never = compose_late(FACTS, None)
    assert risk.subject == "ACME GmbH · acme-daily: may miss its deadline, Mon 23 Nov, 07:00 CET"
    assert late.subject == "ACME GmbH · acme-daily: LATE, due Mon 23 Nov, 06:00 CET"
    assert never.subject == "ACME GmbH · acme-daily: NOT STARTED, due Mon 23 Nov, 06:00 CET"
    assert [message.kind for message in (risk, late, never)] == ["at_risk", "late", "never_started"]
    assert "300 of 1,113" in risk.text
    assert "Mon 23 Nov, 08:00 CET at its present pace" in risk.text
    assert "It was ended there; nothing of it is published." in late.text
    upkeep = compose_late(FACTS, Progress(step="maintain"))  # it publishes nothing, and may have told some
    for text in (upkeep.text, visible(upkeep)):
        assert "It was ended there." in text
    for text in (late.text, visible(late)):
        assert f"shelfbeat runs rerun {FACTS.run} --from scrape" in text
        assert "present pace" not in text
    assert "shelfbeat jobs trigger acme-daily" in never.text
    assert "300 of 1,113" in visible(late)


def test_a_run_at_risk_that_does_not_move_says_so() -> None:
    assert "not known, it does not move" in compose_at_risk(FACTS, Progress(step="scrape")).text


def test_a_run_at_risk_says_what_hinders_it_and_whether_its_report_is_out() -> None:
    progress = Progress(step="find_path", hindered="Google: HTTP 503")
    message = compose_at_risk(FACTS, progress)
    for text in (message.text, visible(message)):
        assert "What hinders it: Google: HTTP 503" in text
        assert "The report itself is published; its message is not out yet." in text
        assert "Add a worker" not in text


def test_a_run_whose_own_pace_is_too_slow_is_told_that_and_not_to_add_a_worker() -> None:
    words = "60 URLs of shop.example, one every 0.5 s, take 30 s; fetching has 10 s of the deadline"
    message = compose_at_risk(FACTS, Progress(step="scrape", urls=60, too_slow=words))
    for text in (message.text, visible(message)):
        assert f"What hinders it is its own pace: {words}" in text
        assert "more time or a higher rate" in text
        assert "not all of its pages by then" in text
        assert "does not move" not in text
        assert "Add a worker" not in text


def test_a_run_left_out_for_another_names_it_and_a_way_on() -> None:
    message = compose_late(FACTS, None, before="acme-daily-1")
    assert message.subject.endswith("SKIPPED, due Mon 23 Nov, 06:00 CET: acme-daily-1 was still under way")
    for text in (message.text, visible(message)):
        assert "See what holds it up: shelfbeat runs show acme-daily-1" in text
        assert "nothing has claimed it" not in text


def test_a_report_whose_message_did_not_reach_everybody_tells_where_it_is_and_who_has_heard() -> None:
    lack = Lack(
        got=("E-mail to a@b.example",), missed=("Slack 3f: refused, 8 tries",), untried=1, why="no worker"
    )
    message = compose_undelivered(FACTS, lack)
    assert message.kind == "undelivered"
    assert message.subject == "ACME GmbH · acme-daily: published, but its message did not reach everybody"
    for text in (message.text, visible(message)):
        told = ["docs.google.com/spreadsheets/d/1AbC", "E-mail to a", "Slack 3f: refused, 8 tries"]
        told += ["was not sent to 1 channel", "no worker", "shelfbeat runs rerun r1 --from write_message"]
        places = [text.index(words) for words in told]
        assert places == sorted(places)
    assert compose_undelivered(FACTS, Lack(untried=2)).subject.endswith("but its message reached nobody")


def test_recovery_is_told_with_what_it_was_and_where_the_report_is() -> None:
    message = compose_recovered(FACTS, "late")
    assert message.subject == "ACME GmbH · acme-daily: recovered, was late"
    assert "https://docs.google.com/spreadsheets/d/1AbC" in message.text
