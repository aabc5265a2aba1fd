"""A job's own templates for its report's message: tried out when the definition is read, filled in for each run.

Sandboxed, like the built-in ones: a template sees the run's figures and nothing else. What is printed in a text or
a subject cannot call anybody in a chat, what is printed in HTML is escaped; the template's own words stand as they
are. A template may extend a built-in one. It has so many turns of its loops: a definition must not stop beat.
"""

import re
import traceback
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from jobs.message import PARTS, MessageTemplates, Part, TemplateFault
from reports.rendering import harmless, harmless_url, is_link, new_environment, one_line, tidied

NAMES: Final = ("facts", "first", "kind", "previous", "subject", "summary")
"""What a template may use, beside the filters and functions of `reports.rendering`."""
EXTENDED: Final = ("report.txt.j2", "report.html.j2")
"""The built-in templates; `top` and `bottom` are their blocks for a job's own words."""
MOST_TURNS: Final = 100_000
_MOST_CHARS: Final = 1_000_000
_TURN: Final = "_turn"
_PADDING_FILTERS: Final = ("batch", "center", "format", "indent", "slice", "tojson")
"""A width of many millions in one of them takes minutes and a machine's memory."""
_PADDING_METHODS: Final = frozenset({"center", "expandtabs", "format_map", "ljust", "rjust", "zfill"})
_WIDE: Final = re.compile(r"\d{4}|\{[^{}]*\{")
_SUBJECT_CHARS: Final = 160
_CLASS: Final = re.compile(r"'(?:\w+\.)*(\w+) object'")


class TemplateFailed(Exception):  # noqa: N818 - the name says what it is
    """A template that cannot be used."""

    def __init__(self, part: Part, fault: TemplateFault) -> None:
        super().__init__(part, fault)  # all arguments up: errors cross processes
        self.part = part
        self.fault = fault

    def __str__(self) -> str:
        line = f", line {self.fault.line}" if self.fault.line else ""
        return f"message.{self.part}{line}: {self.fault.what}"


class Own(NamedTuple):
    """A job's own words; None for a part that it leaves to the built-in message."""

    subject: str | None
    text: str | None
    html: str | None


def own_message(templates: MessageTemplates, values: Mapping[str, object]) -> Own:
    """Return the parts that a job words itself; `values` are the `NAMES`. Raises TemplateFailed."""
    sources = {part: getattr(templates, part) for part in PARTS}
    told = {part: source and filled(part, source, values) for part, source in sources.items()}
    return Own(**told)


def filled(part: Part, source: str, values: Mapping[str, object]) -> str:
    """Return what one template makes of the values. Raises TemplateFailed."""
    file = f"<message.{part}>"
    try:
        environment = _HTML if part == "html" else _TEXT
        told = _template(environment, part, source, file).render(values, **{_TURN: _Turns()})
    except TemplateSyntaxError as error:
        raise TemplateFailed(
            part, TemplateFault(error.lineno, error.message or "it cannot be read")
        ) from error
    except (
        Exception
    ) as error:  # whatever it does is the template's own: a division by zero, a filter's TypeError
        raise TemplateFailed(part, TemplateFault(_line(error, file), _words(error))) from error
    if len(told) > _MOST_CHARS:
        raise TemplateFailed(part, TemplateFault(0, f"it makes more than {_MOST_CHARS:,} characters"))
    told = one_line(told, _SUBJECT_CHARS) if part == "subject" else tidied(told) if part == "text" else told
    if not told.strip():
        raise TemplateFailed(part, TemplateFault(0, "it makes nothing but white space"))
    return told


def _template(environment: SandboxedEnvironment, part: Part, source: str, file: str) -> Any:
    # The name decides whether values are escaped.
    name = f"message.{part}"
    tree = environment.parse(source, name, file)
    unknown = meta.find_undeclared_variables(tree) - set(NAMES) - set(environment.globals)
    if unknown:
        near = get_close_matches(min(unknown), NAMES, n=1)
        hint = f"nearest: {near[0]}; " if near else ""
        what = f"there is no {min(unknown)}; {hint}a message may use {', '.join(NAMES)}"
        raise TemplateSyntaxError(what, _line_of(tree, min(unknown)), name, file)
    bodies: Iterable[Any] = tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock))
    for node in bodies:
        node.body.insert(0, _turn(node))
    code = environment.compile(tree, name, file)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def _turn(node: Any) -> nodes.Node:
    call = nodes.Call(nodes.Name(_TURN, "load"), [], [], None, None)
    return nodes.ExprStmt(call).set_lineno(node.lineno).set_environment(node.environment)


class _Turns:
    """Counts loops and macros, and stops a template that does not end."""

    def __init__(self) -> None:
        self._left = MOST_TURNS

    def __call__(self) -> None:
        self._left -= 1
        if self._left < 0:
            message = f"its loops take more than {MOST_TURNS:,} turns"
            raise TemplateError(message)


def _line_of(tree: nodes.Template, name: str) -> int:
    return min((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), default=1)


def _line(error: Exception, file: str) -> int:
    """Return the line of the template at which it failed, 0 when that is not known."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == file), 0)


def _words(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name}; it may extend {' and '.join(EXTENDED)}"
    said = str(error).strip() if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
    return one_line(_CLASS.sub(lambda found: found[1], said) or type(error).__name__, 300)


def _printed(value: object) -> object:
    """Make what a template prints harmless; a link still leads to its page."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if is_link(value) and not value.split(None, 1)[1:]:
        return harmless_url(value, _MOST_CHARS)
    return "\n".join(harmless(line, _MOST_CHARS) for line in value.split("\n"))


class _Unpadded(SandboxedEnvironment):
    """No method of a text that makes it as wide as it is told to."""

    def wrap_str_format(self, value: Any) -> Any:
        """Let a text's `format` fill in no wider than it can say in three digits."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None and _WIDE.search(str(value.__self__)):
            raise TemplateError("a width of more than three digits, or one that is itself filled in")
        return wrapped

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse what pads."""
        pads = isinstance(obj, str) and attr in _PADDING_METHODS
        return not pads and super().is_safe_attribute(obj, attr, value)


def _bounded(*, is_html: bool) -> SandboxedEnvironment:
    environment = new_environment(_Unpadded)
    environment.intercepted_binops = frozenset({"*", "**", "%"})
    environment.binop_table = {**environment.binop_table, "*": _times, "**": _power, "%": _modulo}
    environment.filters |= dict.fromkeys(_PADDING_FILTERS, _not_here)
    if not is_html:
        environment.finalize = _printed
    return environment


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple):
        raise TemplateError("only numbers can be multiplied")
    return left * right


def _modulo(left: Any, right: Any) -> Any:
    if not isinstance(left, int | float | Decimal):  # a text's % fills in, to any width: '%09999999999d' % 1
        raise TemplateError("only numbers have a remainder")
    return left % right


def _not_here(*_args: Any, **_named: Any) -> Any:
    msg = f"there is no {', '.join(_PADDING_FILTERS)}: they make as much as they are told to"
    raise TemplateError(msg)


def _power(_left: Any, _right: Any) -> Any:
    raise TemplateError("there is no power")


_TEXT: Final = _bounded(is_html=False)
_HTML: Final = _bounded(is_html=True)
