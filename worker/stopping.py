"""What SIGTERM does to a worker, however it is started."""

import os
import sys

import click


def soften_sigterm() -> None:
    """Let SIGTERM start Celery's soft shutdown, which gives back what is not done in time; a second one, at once.

    As it comes, SIGTERM waits for running tasks without an end, a second one does nothing, and one sent to the whole
    group (systemd) ends the children in the middle of their work. Celery asks REMAP_SIGTERM when a worker's modules
    are imported: `app.worker_main()` does so later, the command `celery worker` has done so before it loads an app,
    and so its process begins anew.
    """
    if "REMAP_SIGTERM" in os.environ:
        return
    os.environ["REMAP_SIGTERM"] = "SIGQUIT"
    command = click.get_current_context(silent=True)
    if command is not None and command.invoked_subcommand == "worker":
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the command that started us
