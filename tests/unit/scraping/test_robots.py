"""What a robots.txt allows us."""

import pytest

from scraping.pacing.robots import Found, Rules, read_rules
from scraping.urls import parse_target

AGENT = "Shelfbeat"


def allowed(rules: Rules, path: str) -> bool:
    """Return whether a path of the shop may be asked for."""
    return rules.refusal(parse_target(f"https://shop.example{path}")) is None


def test_our_own_group_counts_before_everyone_s() -> None:
    rules = read_rules(Found("User-agent: *\nDisallow: /\n\nUser-agent: shelfbeat\nDisallow: /cart\n"), AGENT)
    assert allowed(rules, "/kettle")
    assert not allowed(rules, "/cart/1")


def test_the_longest_rule_wins_and_allow_wins_a_tie() -> None:
    text = "User-agent: *\nDisallow: /p\nAllow: /p/ok\nDisallow: /*.pdf$\n"
    rules = read_rules(Found(text), AGENT)
    assert allowed(rules, "/p/ok/1")
    assert not allowed(rules, "/p/1")
    assert not allowed(rules, "/manual.pdf")


@pytest.mark.parametrize("text", ["", "\ufeff", "<html>no robots here</html>", "Disallow: /", "\x00\x01"])
def test_no_rules_allow_everything(text: str) -> None:
    assert allowed(read_rules(Found(text), AGENT), "/kettle")


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not allowed(read_rules(Found("\ufeffUser-agent: *\nDisallow: /\n"), AGENT), "/kettle")


def test_a_host_that_must_wait_refuses_everything() -> None:
    rules = read_rules(Found(wait="robots.txt answered 503, so the host is left alone"), AGENT)
    refusal = rules.refusal(parse_target("https://shop.example/kettle"))
    assert refusal is not None
    assert refusal.failure == "robots"
    assert "503" in refusal.detail


@pytest.mark.parametrize(
    ("line", "delay_s"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Request-rate: 1/4", 4.0),
        ("Crawl-delay: 90000", 60.0),
        ("Crawl-delay: x", 0.0),
    ],
)
def test_the_delay_asked_for_is_kept_up_to_a_minute(line: str, delay_s: float) -> None:
    assert read_rules(Found(f"User-agent: *\n{line}\n"), AGENT).delay_s == delay_s
