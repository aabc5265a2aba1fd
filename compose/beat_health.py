"""Exit 0 while this machine's beat ticks: the ledger holds a tick of it that has not expired."""

import socket
import sys

from runs.keys import beat
from tasks.redis_address import connect
from tasks.settings import settings


def main() -> int:
    """Return the exit code."""
    with connect(settings().redis_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        pattern = beat(socket.gethostname(), 0).removesuffix("0") + "*"
        ticking = next(redis.scan_iter(pattern, count=1_000), None) is not None
    return 0 if ticking else 1


if __name__ == "__main__":
    sys.exit(main())
