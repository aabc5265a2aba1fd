"""Files in an object store, for a fleet whose machines share no disk: `s3://…`, `gs://…`, `az://…`, `file:///…`.

An object appears when it is whole, so a reader sees the old one or the new one. Credentials are the store's
environment variables. Needs the extra `storage`.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from exporters.errors import ExtraMissing, PublishRefused
from reports.errors import Unavailable

SCHEMES: Final = frozenset({"s3", "gs", "az", "abfss", "file"})
_PIECE_BYTES: Final = 8 * 1024 * 1024


def upload(path: Path, root: str, name: str, **settings: Any) -> str:
    """Store a file as `<root>/<name>` and return that address. A repeat replaces it by the same.

    `settings` are obstore's own: `config`, `client_options`. Memory: a few pieces of 8 MB. Raises Unavailable
    when asking again may help, PublishRefused for a store that refuses us, ExtraMissing without obstore.
    """
    try:
        import obstore  # noqa: PLC0415 - only who has a store needs it
        from obstore import exceptions  # noqa: PLC0415
        from obstore.store import from_url  # noqa: PLC0415
    except ImportError as error:
        raise ExtraMissing(
            "An object store needs obstore", "Install it: pip install 'shelfbeat[storage]'"
        ) from error
    root = root.rstrip("/")
    scheme = root.partition("://")[0]
    if scheme not in SCHEMES:
        what = f"{root} is no object store's address"
        raise PublishRefused(what, f"Give one that starts with {', '.join(sorted(SCHEMES))}.")
    if scheme == "file":
        Path(root.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
    try:
        # Its own retries end within the step's time; what is left is the task's to repeat.
        store = from_url(
            root, retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)}, **settings
        )
        obstore.put(store, name, path, chunk_size=_PIECE_BYTES)
    except (
        exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, exceptions.InvalidPathError
    ) as error:  # fmt: skip
        what = f"The object store refuses {name} ({_first_line(error)})"
        raise PublishRefused(what, "Look at SHELFBEAT_FILES and the store's credentials.") from error
    except exceptions.BaseError as error:
        raise Unavailable("object store", _first_line(error)) from error
    return f"{root}/{name}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
