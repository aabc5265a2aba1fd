"""Whether a selector or pattern compiles: told when the file is read, not when the report is due.

Their libraries are loaded where a definition has such a rule: most commands need none of them.
"""

import re


def check_css(value: str) -> str:
    """Return a CSS selector. Raises ValueError with its fault."""
    from cssselect import HTMLTranslator, SelectorError  # noqa: PLC0415 - see the module's docstring

    try:
        HTMLTranslator().css_to_xpath(value)
    except SelectorError as error:
        message = f"a CSS selector ({error})"
        raise ValueError(message) from error
    return value


def check_xpath(value: str) -> str:
    """Return an XPath 1.0 expression. Raises ValueError with its fault."""
    from lxml import etree  # noqa: PLC0415 - see the module's docstring

    try:
        etree.XPath(value)
    except (etree.XPathError, ValueError) as error:
        message = f"an XPath 1.0 expression ({error})"
        raise ValueError(message) from error
    return value


def check_jsonpath(value: str) -> str:
    """Return a JSONPath query (RFC 9535). Raises ValueError with its fault."""
    from jsonpath_rfc9535 import JSONPathError  # noqa: PLC0415 - see the module's docstring
    from jsonpath_rfc9535 import compile as compile_jsonpath  # noqa: PLC0415

    try:
        compile_jsonpath(value)
    except JSONPathError as error:
        message = f"a JSONPath query of RFC 9535 ({str(error).splitlines()[0]})"
        raise ValueError(message) from error
    return value


def check_regex(value: str) -> str:
    """Return a regular expression. Raises ValueError with its fault."""
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        message = f"a regular expression ({error})"
        raise ValueError(message) from error
    return value
