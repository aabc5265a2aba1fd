"""Opening the history's table, and what it says when it cannot be opened, read or written: one place for both.

Imports deltalake and PyArrow where they are used: see exporters.history.store.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from exporters.errors import ExtraMissing
from reports.errors import Unavailable

if TYPE_CHECKING:
    from deltalake import DeltaTable

STORE_OPTIONS: Final = {"max_retries": "3", "retry_timeout": "20s"}
"""How long an object store that does not answer is asked again: its own 10 times and 180 s would hold a report back."""
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m|[\u2190-\u21ff]")
_QUERY: Final = re.compile(r"\?\S+")  # of an address; may hold a signature
_DETAIL_CHARS: Final = 300


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Raise Unavailable for whatever the store or the table says is wrong, ExtraMissing without the libraries."""
    try:
        from deltalake.exceptions import DeltaError  # noqa: PLC0415
        from pyarrow import ArrowException  # noqa: PLC0415
    except ImportError as error:
        raise ExtraMissing(
            "The history needs deltalake", "Install it: pip install 'shelfbeat[history]'"
        ) from error
    try:
        yield
    except (OSError, DeltaError, ArrowException) as error:
        raise Unavailable("history", _brief(error)) from error


def opened(uri: str) -> "DeltaTable | None":
    """Return the table at a path or URL; None where none was written yet."""
    from deltalake import DeltaTable  # noqa: PLC0415

    if not DeltaTable.is_deltatable(uri, STORE_OPTIONS):
        return None
    return DeltaTable(uri, storage_options=STORE_OPTIONS)


def _brief(error: Exception) -> str:
    words = " ".join(_QUERY.sub("", _COLOURS.sub("", str(error))).split())
    return words[:_DETAIL_CHARS] or type(error).__name__
