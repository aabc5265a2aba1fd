"""Words that are no fact of a product, by what they stand for: the table of words.toml."""

import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=16)
def words(kind: str) -> frozenset[str]:
    """Return the words of one kind, folded. Raises KeyError for a kind that words.toml does not have."""
    table = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return frozenset(word.casefold() for word in table[kind])
