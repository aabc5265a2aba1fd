"""What SIGTERM does to a worker, however it is started."""

import os
import sys

import click


def soften_sigterm() -> None:
    """Let SIGTERM start Celery's soft shutdown, which gives back what is not done in time; a second one, at once.

    As it comes, SIGTERM waits for running tasks without an end, a second one does nothing, and one sent to the whole
    group (systemd) ends the children in the middle of their work. Celery asks REMAP_SIGTERM while it is imported,
    before it loads an app: so the process begins anew with it.
    """
    command = click.get_current_context(silent=True)
    if command is None or command.invoked_subcommand != "worker" or "REMAP_SIGTERM" in os.environ:
        return
    os.environ["REMAP_SIGTERM"] = "SIGQUIT"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the command that started us
