"""Secrets: `secret:NAME` in a definition, resolved at the moment of use and never before.

Definitions, tasks, logs and the ledger hold the reference; only who delivers or logs in sees the value.
A provider answers a name with its value or None; they are asked in order, the first answer counts.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

REFERENCE_PATTERN: Final = r"^secret:[A-Za-z_][A-Za-z0-9_.-]{0,127}$"
MAX_SECRET_BYTES: Final = 64_000

Provider = Callable[[str], str | None]


class MissingSecret(Exception):  # noqa: N818 - the name says what it is
    """No provider knows the secret: a person must set it. Names the secret, never a value."""

    def __init__(self, name: str, looked_in: tuple[str, ...]) -> None:
        super().__init__(name, looked_in)  # all arguments up: errors cross processes
        self.name = name
        self.looked_in = looked_in

    def __str__(self) -> str:
        return f"secret {self.name} is not set; looked in {', '.join(self.looked_in) or 'no provider'}"


class Environment:
    """Secrets as environment variables of the same name."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def __call__(self, name: str) -> str | None:
        return self._environ.get(name) or None

    def __str__(self) -> str:
        return "the environment"


class Files:
    """Secrets as files, one a secret, named as it: the way of Docker and Kubernetes (`/run/secrets`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> str | None:
        # The pattern of a name lets dots through; `..` would leave the folder.
        if name.startswith(".") or "/" in name:
            return None
        try:
            with (self._folder / name).open("rb") as stream:
                text = stream.read(MAX_SECRET_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        # Editors end a file with a line break that is no part of the secret.
        return text.rstrip("\r\n") or None

    def __str__(self) -> str:
        return f"files in {self._folder}"


def is_reference(value: str) -> bool:
    """Whether `value` is `secret:NAME`."""
    return re.fullmatch(REFERENCE_PATTERN, value) is not None


def reference_names(values: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the secrets that `values` refer to, each once, in order."""
    return tuple(dict.fromkeys(value.removeprefix("secret:") for value in values if is_reference(value)))


def resolve(value: str, providers: Sequence[Provider]) -> str:
    """Return the secret that a reference names; what is no reference is returned as it is.

    Raises MissingSecret naming the secret and where it was looked for.
    """
    if not is_reference(value):
        return value
    name = value.removeprefix("secret:")
    for provider in providers:
        secret = provider(name)
        if secret is not None:
            return secret
    raise MissingSecret(name, tuple(str(provider) for provider in providers))
