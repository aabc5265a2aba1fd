"""Numbers in sentences, for every message and command. Pure."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return `1 price change` or `1,204 price changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
