"""A letter as it is written."""

from datetime import UTC, datetime

from exporters.messages.smtp import Letter, Mailbox, compose, send

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def letter(**changed: object) -> Letter:
    known = {
        "message_id": "run-7.result.0",
        "subject": "Prices\nfell — 3",
        "text": "Ü" * 2000,
        "html": "<p>x</p>",
        "sender": ("Shelfbeat", "reports@shelfbeat.example"),
        "to": (("", "ops@acme.example"),),
    }
    return Letter(**{**known, **changed})  # type: ignore[arg-type]


def test_a_letter_travels_in_seven_bits_with_short_lines() -> None:
    raw = compose(letter(), NOW).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) <= 998  # RFC 5322, 2.1.1


def test_a_subject_is_one_line_and_a_robot_says_that_it_is_one() -> None:
    made = compose(letter(), NOW)
    assert made["Subject"] == "Prices fell — 3"
    assert made["Auto-Submitted"] == "auto-generated"


def test_headers_of_the_address_do_not_replace_our_own() -> None:
    made = compose(
        letter(headers={"Message-ID": "<other@x>", "X-Team": "feeds"}, cc=("c@acme.example",)), NOW
    )
    assert made["Message-ID"] == "<run-7.result.0@shelfbeat.example>"
    assert (made["X-Team"], made["Cc"]) == ("feeds", "c@acme.example")


def test_blind_copies_are_in_the_envelope_only() -> None:
    blind = letter(bcc=("hidden@acme.example", "ops@acme.example"))
    assert "hidden@acme.example" not in compose(blind, NOW).as_string()
    assert blind.recipients == ["ops@acme.example", "hidden@acme.example"]


def test_a_password_is_not_shown() -> None:
    assert "s3cret" not in repr(Mailbox("mail.example", 25, "insecure", "user", "s3cret"))


def test_a_letter_to_nobody_is_refused_and_asks_no_server() -> None:
    outcome, answer = send(Mailbox("mail.invalid", 25, "insecure"), letter(to=()))
    assert (outcome, "names nobody" in answer) == ("refused", True)
