"""The site's rules: where a person who knows the shop says each field stands. The strongest source."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import jsonpath_rfc9535
from selectolax.lexbor import LexborNode

from jobs.definition import Rule
from reports.codes import read_gtin
from reports.money import machine_amount, text_amount, text_numbers
from scraping.extraction.document.document import Document
from scraping.extraction.document.spans import clean
from scraping.extraction.document.visible_text import visible_text
from scraping.extraction.language.availability import read_condition, read_phrase, read_term
from scraping.extraction.language.currency import currencies_of, read_currency, symbol_pattern
from scraping.extraction.reading import Context, Reading, Value
from scraping.extraction.structured.facts import clean_brand

_AMOUNTS: Final = frozenset({"price", "list_price"})
_MANY: Final = frozenset({"images", "category"})
MAX_VALUES: Final = 50


def read_rules(document: Document, context: Context) -> Reading:
    """Return what the site's rules find. A rule that finds nothing, or fails, leaves a warning."""
    reading = Reading("rule")
    rules = context.rules
    if rules is None:
        return reading
    for field, rule in rules.fields.items():
        path = rule.css or rule.xpath or rule.jsonpath or ""
        try:
            texts = [text for text in _texts(document, rule, field in _AMOUNTS) if text]
            value = _typed(document, field, rule, texts, rules.currency) if texts else None
        except Exception as error:  # noqa: BLE001 - a rule is a customer's: its fault loses the rule, not the page
            reading.warnings.append(f"rule {field}: {type(error).__name__}: {error}"[:300])
            continue
        if value is None:
            reading.warnings.append(
                f"rule {field}: {path} found {'no value in ' + repr(texts[0][:60]) if texts else 'nothing'}"
            )
        reading.say(field, value, path, raw=texts[0] if field == "availability" and texts else None)
    if {"price", "name"} <= reading.found.keys() or {"price", "availability"} <= reading.found.keys():
        reading.page_type = "product"
    return reading


def _texts(document: Document, rule: Rule, amount: bool) -> list[str]:
    """Return what the rule points at, the regex applied."""
    if rule.css is not None:
        found = [
            _node_text(node, rule.attribute, amount)
            for node in document.whole_tree.css(rule.css)[:MAX_VALUES]
        ]
    elif rule.xpath is not None:
        found = _xpath_texts(document, rule.xpath, rule.attribute)
    else:
        found = _jsonpath_texts(document, rule.jsonpath or "")
    if rule.regex is None:
        return found
    pattern = re.compile(rule.regex)
    matches = [match for text in found if (match := pattern.search(text[:10_000]))]
    return [(match.group(1) if match.re.groups else match.group()) or "" for match in matches]


def _node_text(node: LexborNode, attribute: str | None, amount: bool) -> str:
    if attribute is not None:
        return node.attributes.get(attribute) or ""
    return node.attributes.get("content") or visible_text(node, amount=amount)


def _xpath_texts(document: Document, xpath: str, attribute: str | None) -> list[str]:
    result = document.lxml.xpath(xpath, smart_strings=False)
    items = result if isinstance(result, list) else [result]
    texts = []
    for item in items[:MAX_VALUES]:
        if hasattr(item, "text_content"):
            texts.append(item.get(attribute) or "" if attribute else clean(item.text_content()))
        else:
            texts.append(clean(str(item)))
    return texts


def _jsonpath_texts(document: Document, jsonpath: str) -> list[str]:
    query = jsonpath_rfc9535.compile(jsonpath)
    for _, value in document.all_states:
        texts = [_scalar(item) for item in query.find(value).values()[:MAX_VALUES]]
        if any(texts):
            return texts
    return []


def _scalar(item: object) -> str:
    return "" if item is None or isinstance(item, dict | list) else str(item)


def _typed(
    document: Document, field: str, rule: Rule, texts: list[str], currency: str | None
) -> Value | None:
    if field in _AMOUNTS:
        return _amount(rule, texts[0], currency)
    if field in _MANY:
        return _many(document, field, texts)
    reader: Callable[[str], Value | None] = {
        "rating": lambda text: machine_amount(text.replace(",", ".")),
        "currency": _currency,
        "availability": _availability,
        "condition": lambda text: condition if (condition := read_condition(text)) != "unknown" else None,
        "gtin": lambda text: (gtin,) if (gtin := read_gtin(text)) else None,
        "brand": clean_brand,
        "review_count": _count,
        "stock_quantity": _count,
    }.get(field, lambda text: clean(text) or None)
    return reader(texts[0])


def _amount(rule: Rule, text: str, currency: str | None) -> Decimal | None:
    if rule.jsonpath or rule.cents or rule.attribute:
        amount = machine_amount(
            text.replace(",", ".") if rule.decimal == "," and "." not in text else text, currency
        )
    else:
        numbers = text_numbers(text, decimal=rule.decimal, currency=currency)
        amount = numbers[0] if numbers else None
    if amount is None:
        amount = text_amount(text, decimal=rule.decimal, currency=currency)
    if amount is not None and rule.cents:
        amount /= 100
    return amount if amount else None


def _many(document: Document, field: str, texts: list[str]) -> tuple[str, ...]:
    if field == "images":
        return tuple(dict.fromkeys(url for text in texts if (url := document.absolute(text))))
    return tuple(clean(text) for text in texts)


def _currency(text: str) -> str | None:
    found = read_currency(text)
    match = symbol_pattern().search(text) if found is None else None
    candidates = currencies_of(match.group()) if match else ()
    return found or (candidates[0] if len(candidates) == 1 else None)


def _availability(text: str) -> str | None:
    term = read_term(text)
    if term != "unknown":
        return term
    phrase = read_phrase(text)
    return phrase[0] if phrase else None


def _count(text: str) -> int | None:
    numbers = text_numbers(text)
    return int(numbers[0]) if numbers else None
