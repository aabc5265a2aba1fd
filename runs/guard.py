"""`guard.py GRACE_S COMMAND…`: ends the command when the process that started us is gone. Never imported.

Our standard input is a pipe whose other end the parent holds. The kernel closes it when the parent ends,
however it ends; then the command gets SIGTERM, and SIGKILL when it stays longer than GRACE_S.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType


def main() -> int:
    """Run the command; return its exit code."""
    grace_s = float(sys.argv[1])
    # What our parent left open for us is meant for the command: a lock that lasts as long as it does.
    command = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, close_fds=False)  # noqa: S603 - our parent's words

    def forward(number: int, _frame: FrameType | None) -> None:
        command.send_signal(number)

    def watch() -> None:
        while os.read(0, 1024):
            pass
        command.terminate()
        try:
            command.wait(grace_s)
        except subprocess.TimeoutExpired:
            command.kill()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, forward)
    threading.Thread(target=watch, daemon=True).start()
    code = command.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
