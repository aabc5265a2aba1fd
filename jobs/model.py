"""What all models of a definition share: strictness about keys, and the kinds of text with a form of their own."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from jobs.addresses import REFER_INSTEAD, has_login, has_unwritable_recipient, is_open_notice
from jobs.secrets import is_reference
from jobs.selectors import check_regex

JOB_PATTERN: Final = "^[a-z0-9][a-z0-9_-]{0,62}$"
HOST_PATTERN: Final = r"^[^\s/A-Z]+$"
CURRENCY_PATTERN: Final = "^[A-Z]{3}$"
CELL_PATTERN: Final = "^[A-Z]{1,3}[1-9][0-9]*$"
SPREADSHEET_PATTERN: Final = r"^[^\s/]+$"

FIELD_FORMAT: Final = "row-field"
"""Marks in the JSON Schema where the name of a row's field stands."""


def _known_field(value: str, info: ValidationInfo) -> str:
    """Check the name of a row's field against the names that the loader passes in: jobs knows no rows."""
    known = (info.context or {}).get("known_fields")
    if known and value not in known:
        raise PydanticCustomError("unknown_name", "a field of a row", {"expected": sorted(known)})
    return value


def _spreadsheet_id(value: object) -> object:
    """Let people paste a spreadsheet's address: its id is in it."""
    match = re.search(r"/spreadsheets/d/([A-Za-z0-9_-]+)", value) if isinstance(value, str) else None
    return match.group(1) if match else value


def _notice_address(value: str) -> str:
    if value.startswith("secret:") and not is_reference(value):
        raise PydanticCustomError("secret_form", "secret:NAME, the name of letters, digits, _, - and .")
    if has_unwritable_recipient(value):
        raise PydanticCustomError(
            "address_form", "recipients in ASCII: info@xn--mller-kva.de for info@müller.de"
        )
    if is_reference(value) or is_open_notice(value):
        return value
    if not re.match(r"^[A-Za-z][A-Za-z0-9+.-]*:", value):
        raise PydanticCustomError("address_form", "an address such as mailto://… or a reference secret:NAME")
    raise PydanticCustomError("keep_secret", REFER_INSTEAD)


def _page_address(value: str) -> str:
    if has_login(value):
        raise PydanticCustomError(
            "login", "an address without user and password: pages are read as anybody sees them"
        )
    return value


def _source_address(value: str) -> str:
    if has_login(value):
        raise PydanticCustomError("keep_secret", REFER_INSTEAD)
    scheme, mark, _ = value.partition("://")
    if mark and scheme.lower() not in {"http", "https"} and scheme.isascii() and scheme.isalnum():
        raise PydanticCustomError(
            "source_form",
            "a path, an address that begins with http:// or https://, or a reference secret:NAME",
        )
    return value


FieldName = Annotated[str, AfterValidator(_known_field), Field(json_schema_extra={"format": FIELD_FORMAT})]
SpreadsheetId = Annotated[str, BeforeValidator(_spreadsheet_id), Field(pattern=SPREADSHEET_PATTERN)]
Regex = Annotated[str, AfterValidator(check_regex)]
NoticeAddress = Annotated[str, AfterValidator(_notice_address)]
PageAddress = Annotated[str, AfterValidator(_page_address)]
SourceAddress = Annotated[str, Field(min_length=1), AfterValidator(_source_address)]
"""A local path, an http(s) address, or `secret:NAME` where the address opens something by itself."""
Host = Annotated[str, Field(pattern=HOST_PATTERN)]
"""A host in small letters, without scheme or path."""


class Model(BaseModel):
    """Frozen, and strict about keys: a typo is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
