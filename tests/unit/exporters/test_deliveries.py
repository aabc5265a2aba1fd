"""Which recipients of an e-mail address get its letter, and that every address we show can be read."""

import re
from pathlib import Path

import pytest

from exporters.messages.delivery import channel_name, unheard

ROOT = Path(__file__).parents[3]
SERVER = "mailto://mail.acme.example/?from=f@acme.example"
SHOWN = (".env.example", "README.md", "docs/*.md", "examples/**/*.yaml", "compose/**/*.example")


@pytest.mark.parametrize(
    ("to", "recipient"),
    [
        ("a/b@c.example", "a/b@c.example"),
        ("a@b.example.", "a@b.example"),
        ("mailto:a@b.example", "a@b.example"),
        ("'a@b.example'", "a@b.example"),
        ("Ops@ACME<ops@acme.example>", "ops@acme.example"),
        ("%22Ops,%20ops@x%22%20<ops@acme.example>", "ops@acme.example"),
    ],
)
def test_a_recipient_that_apprise_addresses_in_full_is_not_refused(to: str, recipient: str) -> None:
    address = f"{SERVER}&to={to}"
    assert channel_name(address) == f"E-mail to {recipient}"
    assert unheard(address) == []


@pytest.mark.parametrize("to", ["o'brien@x.example", "Ops%20<o'brien@x.example>"])
def test_a_recipient_that_apprise_would_cut_at_a_quote_is_told(to: str) -> None:
    for address in (f"{SERVER}&to=a@b.example,{to}", f"{SERVER}&to=a@b.example&bcc={to}"):
        assert unheard(address) == ["o'brien@x.example"]
    assert unheard("mailto://mail.acme.example/o'brien@x.example?from=f@x.example") == ["o'brien@x.example"]


def test_of_one_key_given_twice_the_recipient_that_is_left_out_is_told() -> None:
    assert unheard(f"{SERVER}&to=a@b.example&to=c@d.example") == ["a@b.example"]


def test_every_mail_address_that_the_documents_show_can_be_read_and_leaves_nobody_out() -> None:
    texts = [path.read_text() for shown in SHOWN for path in ROOT.glob(shown)]
    found = {one for text in texts for one in re.findall(r"mailtos?://[\w.@:%?&=/+-]+", text)}
    assert len(found) >= 4
    for address in sorted(found):
        assert channel_name(address).startswith("E-mail to "), address
        assert unheard(address) == [], address
