"""What is outside: definitions, secrets, spreadsheets, channels, monitors, the disk."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from console.doctor.finding import Finding, good, problem, warning
from console.notify import addresses
from console.secrets import users_of_secrets
from exporters.errors import NoAccess
from exporters.messages.delivery import channel_name, server_of, unheard
from jobs.catalogue import Catalogue
from jobs.definition import Report
from jobs.secrets import MissingSecret, resolve
from reports.errors import Unavailable
from reports.wording import counted
from tasks.context import Context

_CONNECT_S: Final = 3.0
_MOST_SHEETS: Final = 20
_NAMED: Final = 3
"""Users of a secret or of a channel that are named."""
_AS_EDITOR: Final = "Share it with the service account as an editor."
_LEAST_FREE_BYTES: Final = 1_000_000_000


def check_definitions(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether definitions are right."""
    if not catalogue.broken:
        yield good(
            "definitions", f"{counted(len(catalogue.files), 'file')} in {catalogue.folder}, no mistakes"
        )
    run_on = {str(catalogue.files[name]) for name in catalogue.last_good}
    for file, mistakes in catalogue.broken.items():
        first = f"line {mistakes[0].line}, {mistakes[0].key}"
        many = f"{counted(len(mistakes), 'mistake')}, the first: " if len(mistakes) > 1 else "a mistake: "
        found = f"{Path(file).name}: {many}{first}"
        if file in run_on:
            found += "; its last good version is in force"
        yield problem("definitions", found, "See all of them: shelfbeat jobs check")


def check_secrets(here: Context, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether every secret that is referred to is set."""
    users, missing = users_of_secrets(catalogue, here.settings), []
    for name, needing in users.items():
        try:
            resolve(f"secret:{name}", here.secrets)
        except (MissingSecret, Unavailable) as error:
            missing.append(f"{error}; it is for {_named(needing)}")
    if not missing:
        yield good("secrets", f"{counted(len(users), 'is', 'are')} set" if users else "nothing refers to one")
    for words in missing:
        yield problem("secrets", words, "Set it where it is looked for; see all: shelfbeat secrets check")


def check_sheets(here: Context, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether each spreadsheet that reports go to can be read and written with our credentials."""
    targets = {
        job.publish.sheet.spreadsheet: job.job
        for job in catalogue.jobs.values()
        if isinstance(job, Report) and job.publish.sheet is not None
    }
    for spreadsheet, job in list(targets.items())[:_MOST_SHEETS]:
        check = f"spreadsheet of {job}"
        try:
            title = here.google.spreadsheet(spreadsheet, "properties.title")["properties"]["title"]
            may_write = here.google.drive_file(spreadsheet, "capabilities/canEdit")["capabilities"]["canEdit"]
        except NoAccess as error:
            yield problem(check, error.what, error.advice or _AS_EDITOR)
        except Exception as error:  # noqa: BLE001 - whatever Google answers is a finding here
            yield problem(check, f"{type(error).__name__}: {error}", "Try again; see Google's status page.")
        else:
            if may_write:
                yield good(check, f"“{title}” can be read and written")
            else:
                yield problem(check, f"“{title}” can be read, but not written", _AS_EDITOR)


def check_channels(here: Context, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether the servers of all channels can be reached; nothing is sent."""
    users: dict[str, list[str]] = {}
    jobs = [(job.job, addresses(job)) for job in catalogue.jobs.values()]
    settings = [("operators", here.settings.operators), ("usage-summary", here.settings.usage_to)]
    for user, references in (*jobs, *settings):
        for reference in references:
            users.setdefault(reference, []).append(user)
    if not here.settings.operators:
        yield warning(
            "operators",
            "nobody hears of failures beside a job's own people",
            "Set SHELFBEAT_OPERATORS to an address such as mailto://…, or to secret:NAME for one that a secret holds.",
        )
    for reference, names in sorted(users.items()):
        try:
            address = resolve(reference, here.secrets)
        except (MissingSecret, Unavailable):
            continue  # told with the secrets
        yield _channel(address, names, reference)


def check_monitors(here: Context, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether an outside monitor would notice that we are gone, and can be reached."""
    if not here.settings.monitor:
        yield warning(
            "outside monitor",
            "none: should this machine die, nobody hears of it from us",
            "Make a check at healthchecks.io (or host one) and set SHELFBEAT_MONITOR to its address.",
        )
    monitors = {job.monitor: job.job for job in catalogue.jobs.values() if job.monitor}
    if here.settings.monitor:
        monitors[here.settings.monitor] = "beat"
    for reference, user in sorted(monitors.items()):
        try:
            parts = urlsplit(resolve(reference, here.secrets))
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except (MissingSecret, Unavailable, ValueError):
            continue
        yield _reach(f"monitor of {user}", f"{parts.hostname}:{port}", (parts.hostname or "", port))


def check_disk(home: Path) -> Iterator[Finding]:
    """Yield whether reports can be written."""
    there = next((folder for folder in (home, *home.absolute().parents) if folder.is_dir()), Path("/"))
    free = shutil.disk_usage(there).free
    if not os.access(there, os.W_OK):
        yield problem("disk", f"{there} cannot be written", "Give it to the user that workers run as.")
        return
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"x")
    except OSError as error:
        yield problem("disk", f"{there}: {error.strerror}", "Make room, or mount it writable.")
        return
    shown = f"{free / 1e9:,.1f} GB free for {home}"
    if free < _LEAST_FREE_BYTES:
        yield warning("disk", shown, "Make room, or let clean-up drop old files (keep_files).")
    else:
        yield good("disk", shown)


def _channel(address: str, users: Sequence[str], reference: str) -> Finding:
    shown, check, server = channel_name(address, reference), f"channel of {_named(users)}", server_of(address)
    if server is None:
        fix = "Write it as Apprise's list of services has it, then: shelfbeat notify test JOB"
        return problem(check, f"{shown}: nothing can be sent there", fix)
    if left_out := unheard(address):
        found = f"{shown} would leave out {', '.join(left_out)}"
        fix = "Write recipients in ASCII without quotes: info@xn--mller-kva.de for info@müller.de."
        return problem(check, found, fix)
    return _reach(check, f"the server of {shown}", server, "Then: shelfbeat notify test JOB")


def _named(users: Sequence[str]) -> str:
    more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
    return ", ".join(users[:_NAMED]) + more


def _reach(check: str, shown: str, server: tuple[str, int], then: str = "") -> Finding:
    try:
        with socket.create_connection(server, _CONNECT_S):
            return good(check, f"{shown} can be reached")
    except OSError as error:
        fix = f"Is the address right, and does the firewall let it out? {then}".rstrip()
        return problem(check, f"{shown} cannot be reached: {error.strerror or error}", fix)
