"""What a publish left outside: one file or one tab, as the ledger and the message show it."""

import msgspec


class Published(msgspec.Struct, frozen=True):
    """One place where the report can be read. JSON by msgspec.

    `kind` is the file format or `sheet`. A file has `path` (absolute), a sheet `link` and, once found, its
    path in Drive. `notice` is a sentence for the reader when the place is not what the definition asked for.
    """

    kind: str
    path: str | None = None
    link: str | None = None
    rows: int = 0
    notice: str | None = None
