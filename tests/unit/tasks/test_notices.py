"""Messages of the service itself."""

from tasks.people.notices import plain_message, signature


def test_failures_of_the_same_kind_have_the_same_signature() -> None:
    first = signature(
        "failed", "scrape", "https://a.example/1 answered HTTP 503 after 20 s to run a-20261122T060000Z"
    )
    second = signature(
        "failed", "scrape", "https://b.example/2 answered HTTP 502 after 7 s to run b-20261122T070000Z"
    )
    assert first == second
    assert signature("failed", "reduce_rows", "x") != signature("failed", "scrape", "x")
    assert signature("late", "scrape", "x") != signature("failed", "scrape", "x")


def test_a_plain_message_is_text_and_harmless_html() -> None:
    message = plain_message("Two\nlines", ["a <b>", "c", "", "d"], "failed")
    assert message.subject == "Two lines"
    assert message.html == "<p>a &lt;b&gt;<br>c</p><p>d</p>"
    assert message.text.splitlines()[-1] == "d"
