"""What the kernel knows of this machine's connections."""

from pathlib import Path

_ESTABLISHED = "01"


def established(port: int) -> int:
    """Return how many connections to a port are open, as those see it that opened them."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]
    ]
    return sum(
        int(remote.rpartition(":")[2], 16) == port and state == _ESTABLISHED
        for _, _, remote, state, *_ in rows
    )
