"""Messages to real receivers on loopback: what arrives, and what is known when it does not."""

import logging
import socket

import msgspec
import pytest

from exporters.messages.delivery import channel_name, deliver
from reports.message import Message
from tests.support.receivers import Hook, MailServer

MESSAGE = Message(
    subject="ACME: 3 prices fell — 250 products",
    text="3 prices fell.\n.dots at the line's start stay\nÜber alles: https://docs.example/sheet\n",
    html="<p>3 prices <b>fell</b>.</p>",
    kind="delivered",
)


def test_an_email_has_both_forms_and_the_id_of_its_run() -> None:
    with MailServer() as server:
        delivery = deliver(server.address("ops@acme.example"), MESSAGE, "run-7.ops")
    assert (delivery.ok, delivery.answer) == (True, "250 taken")
    assert delivery.channel == "E-mail to ops@acme.example"
    (mail,) = server.taken
    letter = mail.letter
    assert letter["Subject"] == MESSAGE.subject
    assert letter["Message-ID"] == "<run-7.ops@shelfbeat.example>"
    assert letter["To"] == "ops@acme.example"
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == MESSAGE.text.splitlines()
    assert html.get_content().strip() == MESSAGE.html


def test_the_second_attempt_carries_the_same_message_id() -> None:
    with MailServer() as server:
        for _ in range(2):
            deliver(server.address(), MESSAGE, "acme/2026-11-21 #1")
    assert {mail.letter["Message-ID"] for mail in server.taken} == {"<acme-2026-11-21-1@shelfbeat.example>"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("550 no such mailbox", "refused"), ("451 try later", "failed"), ("552 too big", "refused")],
)
def test_the_mail_servers_words_tell_whether_to_try_again(answer: str, outcome: str) -> None:
    with MailServer() as server:
        server.keeper.data_answer = answer
        delivery = deliver(server.address(), MESSAGE, "run")
    assert (delivery.outcome, delivery.answer) == (outcome, answer)


def test_a_recipient_that_is_refused_does_not_keep_the_others_from_it() -> None:
    with MailServer() as server:
        server.keeper.rcpt_answers["gone@acme.example"] = "550 unknown"
        delivery = deliver(server.address("ops@acme.example", "gone@acme.example"), MESSAGE, "run")
    assert delivery.ok
    assert delivery.answer == "250 taken; refused for gone@acme.example"
    assert [mail.recipients for mail in server.taken] == [["ops@acme.example"]]


@pytest.mark.parametrize("query", [",info@müller.example", "&cc=Ops%20%3Cinfo@m%C3%BCller.example%3E"])
def test_a_recipient_that_cannot_be_written_to_refuses_the_letter_by_name(query: str) -> None:
    with MailServer() as server:
        address = server.address(f"ops@acme.example{query}")
        delivery = deliver(address, MESSAGE, "run", "secret:OPS")
    assert delivery.outcome == "refused"
    assert "info@müller.example" in delivery.answer
    assert server.taken == []


def test_recipients_are_known_again_however_they_are_written() -> None:
    to = ("Ops+Shop@ACME.example", "Team%20Lead%20%3Clead@acme.example%3E")
    with MailServer() as server:
        address = server.address(*to, query="&bcc=a@b.example%20c@d.example")
        delivery = deliver(address, MESSAGE, "run", "secret:OPS")
    assert delivery.ok, delivery.answer
    taken = {one.lower() for mail in server.taken for one in mail.recipients}
    assert taken == {"ops+shop@acme.example", "lead@acme.example", "a@b.example", "c@d.example"}


def test_when_every_recipient_is_refused_nothing_is_sent() -> None:
    with MailServer() as server:
        server.keeper.rcpt_answers["ops@acme.example"] = "550 unknown"
        delivery = deliver(server.address("ops@acme.example"), MESSAGE, "run")
    assert (delivery.outcome, delivery.answer) == ("refused", "550 unknown")
    assert server.taken == []


def test_a_mail_server_that_takes_the_letter_and_hangs_up_leaves_the_outcome_unknown() -> None:
    with MailServer() as server:
        server.keeper.hang_up = True
        delivery = deliver(server.address(), MESSAGE, "run")
    assert delivery.outcome == "unknown"
    assert len(server.taken) == 1


@pytest.mark.parametrize("scheme", ["mailto", "json"])
def test_nobody_listening_means_nothing_was_sent(scheme: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    delivery = deliver(
        f"{scheme}://127.0.0.1:{port}/?from=a@b.example&to=c@d.example&mode=insecure", MESSAGE, "run"
    )
    assert delivery.outcome == "failed"


def test_a_webhook_gets_subject_and_text() -> None:
    with Hook(200) as hook:
        delivery = deliver(hook.address(), MESSAGE, "run")
    assert delivery.ok
    (body,) = hook.bodies
    assert (body["title"], body["type"]) == (MESSAGE.subject, "success")
    assert "3 prices fell." in body["message"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, "refused"),
        (401, "refused"),
        (429, "failed"),
        (503, "failed"),
        (500, "unknown"),
        ("drop", "unknown"),
    ],
)
def test_a_webhooks_answer_tells_whether_to_try_again(status: int | str, outcome: str) -> None:
    with Hook(status) as hook:
        delivery = deliver(hook.address(), MESSAGE, "run")
    assert delivery.outcome == outcome
    assert len(hook.bodies) == 1


def test_no_secret_of_an_address_reaches_the_record_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Hook("drop") as hook, MailServer() as server:
        server.keeper.data_answer = "550 no"
        web = deliver(hook.address("hook/s3cret?token=t0ken"), MESSAGE, "run")
        mail = deliver(server.address().replace("mailto://", "mailto://user:passw0rd@"), MESSAGE, "run")
    told = f"{web} {mail} {caplog.text}"
    assert not [secret for secret in ("s3cret", "t0ken", "passw0rd") if secret in told]


def test_what_is_no_address_is_refused_for_good() -> None:
    delivery = deliver("carrier-pigeon://roof", MESSAGE, "run")
    assert (delivery.outcome, delivery.channel) == ("refused", "carrier-pigeon (not an address)")


def test_a_secret_that_holds_a_bare_token_is_named_by_its_reference_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for token in ("xoxb-123456789012-abcdef", "T0K/en:s3cret//x", "https:s3cret", ""):
        delivery = deliver(token, MESSAGE, "run", "secret:ACME_SLACK")
        assert delivery.channel == "secret:ACME_SLACK (not an address)"
        # An address that stands in a setting is nobody's name for it: it may be the token.
        assert deliver(token, MESSAGE, "run", token).channel == "a text without scheme (not an address)"
    assert not [part for part in ("xoxb", "s3cret", "T0K") if part in caplog.text]


def test_a_channel_is_named_by_the_reference_that_people_know_it_by() -> None:
    with Hook(200) as hook:
        delivery = deliver(hook.address("s3cret"), MESSAGE, "run", "secret:TEAM")
        assert delivery.channel == "secret:TEAM (JSON 127.0.0.1)"
    assert (
        channel_name("mailto://ops@acme.example", "secret:OPS") == "secret:OPS (E-mail to ops@acme.example)"
    )


def test_two_channels_of_one_service_have_different_names() -> None:
    slack = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7F{}/#general"
    one, other = (channel_name(slack.format(letter)) for letter in "QR")
    assert one != other
    assert one.startswith("Slack ")
    assert "TIiajkdnlazkcOXrIdevi7F" not in one


def test_a_chat_of_short_messages_gets_the_most_important_part_of_a_long_one() -> None:
    lines = [f"• Kettle {number}: 20.00 → 25.00 EUR" for number in range(300)]
    long = msgspec.structs.replace(MESSAGE, text="\n".join([MESSAGE.subject, "", "sheet: https://a", *lines]))
    with Hook(200) as hook:
        address = hook.address("").replace("json://", "mmost://") + "a" * 24
        delivery = deliver(address, long, "run")
    assert delivery.ok, delivery
    ((told),) = [str(body["text"]) for body in hook.bodies]
    assert len(told) <= 4_000
    assert told.count(MESSAGE.subject) == 1
    assert told.index("sheet: https://a") < told.index("Kettle 0:") < told.index("cut here")
