"""What is outside: definitions, secrets, spreadsheets, channels, monitors, the disk."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from console.doctor.finding import Finding, good, problem, warning
from console.notify import addresses
from console.secrets import strings
from exporters.deliveries import channel_name, server_of, unheard
from exporters.errors import NoAccess
from jobs.catalogue import Catalogue
from jobs.definition import Report
from jobs.secrets import MissingSecret, is_reference, reference_names, resolve
from reports.errors import Unavailable
from reports.wording import counted
from tasks.context import Context

_CONNECT_S: Final = 3.0
_MOST_SHEETS: Final = 20
_AS_EDITOR: Final = "Share it with the service account as an editor."
_LEAST_FREE_BYTES: Final = 1_000_000_000


def check_definitions(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether definitions are right."""
    if not catalogue.broken:
        yield good(
            "definitions", f"{counted(len(catalogue.files), 'file')} in {catalogue.folder}, no mistakes"
        )
    for file, mistakes in catalogue.broken.items():
        first = f"line {mistakes[0].line}, {mistakes[0].key}"
        many = f"{counted(len(mistakes), 'mistake')}, the first: " if len(mistakes) > 1 else "a mistake: "
        found = f"{Path(file).name}: {many}{first}"
        yield problem("definitions", found, "See all of them: shelfbeat jobs check")


def check_secrets(here: Context, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield whether every secret that is referred to is set."""
    texts = [text for job in catalogue.jobs.values() for text in strings(job)]
    names = reference_names(
        [*texts, *here.settings.operators, *here.settings.usage_to, here.settings.monitor]
    )
    missing = []
    for name in names:
        try:
            resolve(f"secret:{name}", here.secrets)
        except (MissingSecret, Unavailable) as error:
            missing.append(str(error))
    if not missing:
        yield good("secrets", f"{counted(len(names), 'is', 'are')} set" if names else "nothing refers to one")
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
    users = dict.fromkeys(here.settings.usage_to, "usage-summary")
    users |= dict.fromkeys(here.settings.operators, "operators")
    for job in catalogue.jobs.values():
        users |= dict.fromkeys(addresses(job), job.job)
    if not here.settings.operators:
        yield warning(
            "operators",
            "nobody hears of failures beside a job's own people",
            "Set SHELFBEAT_OPERATORS to an address or secret:NAME.",
        )
    for reference, user in sorted(users.items()):
        try:
            address = resolve(reference, here.secrets)
        except (MissingSecret, Unavailable):
            continue  # told with the secrets
        yield _channel(address, user, reference)


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
        yield _reach(f"monitor of {user}", f"{parts.hostname}:{port}", [(parts.hostname or "", port)])


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


def _channel(address: str, user: str, reference: str) -> Finding:
    shown = reference if is_reference(reference) else channel_name(address)
    check = f"channel of {user}"
    server = server_of(address)
    if server is None:
        return problem(check, f"{shown} is no address that can be read", "See Apprise's list of services.")
    if left_out := unheard(address):
        found = f"{shown} would leave out {', '.join(left_out)}"
        fix = "Write recipients in ASCII without quotes: info@xn--mller-kva.de for info@müller.de."
        return problem(check, found, fix)
    return _reach(check, shown, [server])


def _reach(check: str, shown: str, servers: Iterable[tuple[str, int]]) -> Finding:
    for host, port in servers:
        try:
            with socket.create_connection((host, port), _CONNECT_S):
                pass
        except OSError as error:
            fix = "Is the address right, and does the firewall let it out? Then: shelfbeat notify test JOB"
            return problem(check, f"{shown} cannot be reached: {error.strerror or error}", fix)
    return good(check, f"{shown} can be reached")
