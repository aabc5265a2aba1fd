"""What may stand in a definition, and what must be a secret."""

import pytest

from jobs.addresses import NOT_SHOWN, has_login, is_open_notice, may_hold_credential, without_login
from jobs.catalogue import load_definition
from jobs.errors import InvalidDefinition, Mistake
from jobs.variables import Variable

CANARY = "c4naryBird7431"
START = 'job: a\npublish: {files: [csv]}\nurls: [{list: ["https://shop.example/p"]}]\n'

OPEN = [
    "mailto://team@acme.example",
    "mailtos://smtp.acme.example:465?to=team@acme.example&from=reports@acme.example",
    "json://chat.internal:8080/",
]
CLOSED = [
    f"mailto://reports:{CANARY}@acme.example",
    f"MAILTO://reports:{CANARY}@acme.example",
    f"mailto://acme.example?user=reports&pass={CANARY}",
    f"mailto://acme.example?to=a@b.example&+X-Token={CANARY}",
    f"slack://T0/B0/{CANARY}",
    f"json://chat.internal/{CANARY}",
    f"jsons://{CANARY}@chat.internal",
    f"https://hooks.slack.com/services/T0/B0/{CANARY}",
    f"ntfy://{CANARY}",
    f"json://[chat/{CANARY}",
]


def mistakes(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(InvalidDefinition) as caught:
        load_definition(START + text, known_fields=frozenset())
    assert CANARY not in str(caught.value)
    return caught.value.mistakes


@pytest.mark.parametrize("address", OPEN)
def test_an_address_without_a_credential_may_stand_as_it_is(address: str) -> None:
    assert is_open_notice(address)
    report = load_definition(START + f'notify: ["{address}"]\n', known_fields=frozenset())
    assert report.notify == (address,)


@pytest.mark.parametrize(
    "address",
    [
        "mailto://mail.example?to=info@müller.de",
        "mailto://mail.example?to=a@b.example,info@müller.de",
        "mailto://mail.example?to=a@b.example&cc=info@m%C3%BCller.de",
        "mailto://info@müller.de",
    ],
)
def test_a_recipient_that_would_be_left_out_is_refused(address: str) -> None:
    (mistake,) = mistakes(f'notify: ["{address}"]\n')
    assert "recipients in ASCII" in mistake.allowed


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_with_a_credential_is_refused_and_not_repeated(address: str) -> None:
    for text, key in (
        (f'notify: ["{address}"]', "notify.0"),
        (f'escalation: [{{to: ["{address}"]}}]', "escalation.0.to.0"),
        (f'monitor: "{address}"', "monitor"),
    ):
        (mistake,) = mistakes(text + "\n")
        assert mistake.key == key
        assert mistake.allowed.startswith("secret:NAME")
        assert mistake.given == NOT_SHOWN


@pytest.mark.parametrize(
    "text",
    [
        f'notify: "slack://T0/B0/{CANARY}"',
        f"notify: {{to: 'slack://T0/B0/{CANARY}'}}",
        f'escalation: ["slack://T0/B0/{CANARY}"]',
        f"escalation: slack://T0/B0/{CANARY}",
        f'monitor: ["https://hc-ping.example/{CANARY}"]',
    ],
)
def test_an_address_in_the_wrong_form_is_not_repeated_either(text: str) -> None:
    assert {mistake.given for mistake in mistakes(text + "\n")} == {NOT_SHOWN}


@pytest.mark.parametrize("kind", ["file", "sitemap", "feed", "list"])
def test_a_source_names_no_login(kind: str) -> None:
    address = f"https://shop:{CANARY}@shop.example/feed.xml"
    value = f'["{address}"]' if kind == "list" else f'"{address}"'
    text = f"job: a\npublish: {{files: [csv]}}\nurls: [{{{kind}: {value}}}]\n"
    with pytest.raises(InvalidDefinition) as caught:
        load_definition(text, known_fields=frozenset())
    assert CANARY not in str(caught.value)
    assert "shop.example/feed.xml" in str(caught.value)


@pytest.mark.parametrize("address", [*CLOSED[:7], f"https://shop:{CANARY}@shop.example/"])
def test_a_variable_holds_no_credential(address: str) -> None:
    assert may_hold_credential(address)
    with pytest.raises(ValueError, match="secret:NAME") as caught:
        Variable("SHOP", address, "address")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [*OPEN, "https://shop.example/@team/feed.xml?mail=a@b.example", "s3://bucket/a", "secret:TEAM", "a@b"],
)
def test_a_variable_may_hold_any_other_address(value: str) -> None:
    assert Variable("SHOP", value).value == value
    assert not has_login(value)


def test_a_login_is_left_out_of_a_text() -> None:
    assert (
        without_login(f"see https://shop:{CANARY}@shop.example/a and a@b")
        == "see https://…@shop.example/a and a@b"
    )
