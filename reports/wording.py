"""Numbers in sentences, for every message and command. Pure."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return `1 price change` or `1,204 price changes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def counted_urls(number: int, repeats: int) -> str:
    """Return `18 URLs`, and how often one stood in the sources again: `18 URLs (8 repeats left out)`."""
    left_out = f" ({counted(repeats, 'repeat')} left out)" if repeats else ""
    return f"{counted(number, 'URL')}{left_out}"
