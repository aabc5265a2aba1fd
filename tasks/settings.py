"""What the environment says, read once at a process entry, typed and frozen."""

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runs.embedded import running_in

DEFAULT_REDIS_URL: Final = "redis://127.0.0.1:6379/0"
STOP_GRACE_S: Final = 30
LONGEST_STOP_S: Final = 50
"""The compose file and a further machine's unit end a worker by force after 60 s."""


class WrongSetting(Exception):  # noqa: N818 - the name says what it is
    """A variable of the environment holds what it cannot. Names it; its value may be a secret."""

    def __init__(self, name: str, allowed: str) -> None:
        super().__init__(name, allowed)  # all arguments up: errors cross processes

    def __str__(self) -> str:
        return ": ".join(self.args)


@dataclass(frozen=True)
class Settings:
    """Everything that differs from machine to machine. Secrets are references or stay out of `repr`."""

    redis_url: str = field(repr=False)
    home: Path
    """Where reports are written."""
    jobs: Path
    """Folder of the definitions."""
    google_credentials: Path | None
    """Service-account file; None: Application Default Credentials."""
    sheets_api_root: str | None
    drive_api_root: str | None
    allow_private_hosts: str
    """Networks or hosts that pages may be fetched from although they are private."""
    contact: str
    """Where shop owners reach who runs this service; part of the User-Agent."""
    operators: tuple[str, ...] = field(repr=False)
    """Who is told of failures beside a job's own people: Apprise addresses or secret references."""
    usage_to: tuple[str, ...] = field(repr=False)
    """Who gets the monthly usage summary, in the same form; nobody named: the operators."""
    secrets_folder: Path | None
    """Folder with one file a secret (Docker, Kubernetes)."""
    variables: Path | None = None
    """File of Variables that beat saves where there are none of their names yet."""
    gcp_secrets_project: str = ""
    """Project whose Google Secret Manager is asked for secrets."""
    gcp_secrets_api_root: str | None = None
    aws_secrets_region: str = ""
    """Region whose AWS Secrets Manager is asked for secrets."""
    aws_secrets_prefix: str = ""
    """What stands before a secret's name there, such as `shelfbeat/`."""
    history_days: int | None = None
    """How long the history is kept by `history-upkeep`; None: for ever."""
    self_test_url: str = ""
    """Product page that the self-test reads each hour; without one it only goes through every step."""
    self_test_monitor: str = field(default="", repr=False)
    """Address (or secret reference) of an outside monitor that the self-test pings."""
    monitor: str = field(default="", repr=False)
    """Address (or secret reference) of an outside monitor that beat pings each minute while it ticks."""
    stop_grace_s: int = STOP_GRACE_S
    """Seconds from SIGTERM until a worker is gone, what it had not done by then given back."""
    history: str | None = None
    """Folder or URL of the history (exporters.history.store); None: nothing is kept."""
    files: str | None = None
    """URL of an object store that report files go to besides (exporters.files.object_store)."""
    flower_port: str = ""
    """Port of Flower on this machine's loopback, as given: only Flower asks what it is (console.flower)."""
    flower_password: str = field(default="", repr=False)
    """Password of Flower's login; '' for one made up at each start."""


def up_folder(home: Path) -> Path:
    """Return where `shelfbeat up` keeps its services' logs (`log/`) and its Redis (`redis/`)."""
    return home / "up"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that SHELFBEAT_* variables give; where none names a Redis, it is that of a running `up`.

    Raises WrongSetting.
    """
    home = _path(environment, "SHELFBEAT_HOME") or Path(".shelfbeat")
    return Settings(
        redis_url=environment.get("SHELFBEAT_REDIS_URL")
        or running_in(up_folder(home) / "redis")
        or DEFAULT_REDIS_URL,
        home=home,
        jobs=_path(environment, "SHELFBEAT_JOBS") or Path("jobs.d"),
        google_credentials=_path(environment, "SHELFBEAT_GOOGLE_CREDENTIALS"),
        sheets_api_root=environment.get("SHELFBEAT_SHEETS_API_ROOT") or None,
        drive_api_root=environment.get("SHELFBEAT_DRIVE_API_ROOT") or None,
        allow_private_hosts=environment.get("SHELFBEAT_ALLOW_PRIVATE_HOSTS", ""),
        contact=environment.get("SHELFBEAT_CONTACT", ""),
        operators=_addresses(environment, "SHELFBEAT_OPERATORS"),
        usage_to=_addresses(environment, "SHELFBEAT_USAGE_TO"),
        secrets_folder=_path(environment, "SHELFBEAT_SECRETS_FOLDER"),
        variables=_path(environment, "SHELFBEAT_VARIABLES"),
        gcp_secrets_project=environment.get("SHELFBEAT_GCP_SECRETS_PROJECT", ""),
        gcp_secrets_api_root=environment.get("SHELFBEAT_GCP_SECRETS_API_ROOT") or None,
        aws_secrets_region=environment.get("SHELFBEAT_AWS_SECRETS_REGION", ""),
        aws_secrets_prefix=environment.get("SHELFBEAT_AWS_SECRETS_PREFIX", ""),
        history_days=_days(environment, "SHELFBEAT_HISTORY_DAYS"),
        self_test_url=environment.get("SHELFBEAT_SELF_TEST_URL", ""),
        self_test_monitor=environment.get("SHELFBEAT_SELF_TEST_MONITOR", ""),
        monitor=environment.get("SHELFBEAT_MONITOR", ""),
        stop_grace_s=_stop_grace_s(environment),
        history=environment.get("SHELFBEAT_HISTORY") or None,
        files=environment.get("SHELFBEAT_FILES") or None,
        flower_port=environment.get("SHELFBEAT_FLOWER_PORT", ""),
        flower_password=environment.get("SHELFBEAT_FLOWER_PASSWORD", ""),
    )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]).expanduser() if environment.get(name) else None


def _days(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name) or "0"
    if not text.isascii() or not text.isdigit():
        raise WrongSetting(name, "a number of days, such as 400")
    return int(text) or None


def _stop_grace_s(environment: Mapping[str, str]) -> int:
    name = "SHELFBEAT_STOP_GRACE_S"
    return whole_number(
        name, environment.get(name) or str(STOP_GRACE_S), range(1, LONGEST_STOP_S + 1), "whole seconds"
    )


def whole_number(name: str, text: str, among: range, what: str) -> int:
    """Return the whole number that a variable of the environment holds. Raises WrongSetting for any other text."""
    if not (text.isascii() and text.isdigit() and int(text) in among):
        raise WrongSetting(name, f"{what}, {among.start} to {among.stop - 1}")
    return int(text)


def _addresses(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())


@functools.cache
def settings() -> Settings:
    """Return this process' settings; the environment is read at the first call and never again."""
    return read_settings(os.environ)
