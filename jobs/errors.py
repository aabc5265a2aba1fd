"""What is wrong with what people wrote: `InvalidDefinition` and the mistakes in it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mistake:
    """One wrong place in a definition file."""

    file: str
    line: int
    """Line in the file, from 1; 0 for what stands in no file."""
    key: str
    """Dotted path of the key, `publish.files.0`."""
    allowed: str
    given: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.allowed} (given: {self.given})"


class InvalidDefinition(Exception):  # noqa: N818 - the name says what it is, as PageError and Unavailable do
    """A definition cannot be used until a person mends it. Holds every mistake at once."""

    def __init__(self, file: Path | str, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(file, mistakes)
        self.file = str(file)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)
