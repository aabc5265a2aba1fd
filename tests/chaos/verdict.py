"""What must be true once the faults are over, whatever they were."""

import json
from collections import Counter
from dataclasses import dataclass, field

from redis import Redis

from runs.deliveries import Deliveries
from runs.record import PUBLISHED_STATES, Run
from tests.chaos.world import URLS, World


@dataclass
class Verdict:
    """What was found. `violations` is empty when every promise was kept."""

    runs: int = 0
    delivered: int = 0
    rows: int = 0
    gaps: int = 0
    """Rows without a product, each with its reason: not a violation, but worth a look."""
    messages: int = 0
    flagged: int = 0
    """Messages sent once more because an answer was lost, and marked so."""
    violations: list[str] = field(default_factory=list)

    def check(self, right: bool, otherwise: str) -> None:
        """Note a violation unless it is right."""
        if not right:
            self.violations.append(otherwise)


def judge(world: World) -> Verdict:
    """Look at everything that came out."""
    found = Verdict(runs=len(world.jobs))
    runs = {run.job: run for run in world.runs()}
    with world.client() as client:
        for job in world.jobs:
            run = runs.get(job)
            if run is None:
                found.violations.append(f"{job}: was due and has no run")
                continue
            published = run.state in PUBLISHED_STATES
            found.check(published, f"{job}: {run.state}: {run.reason}")
            if published:
                found.delivered += 1
                _rows(world, run, found)
                _sheet(world, run, found)
                _messages(world, client, run, found)
            found.check(len(client.zrange(f"sb:job:{job}:runs", 0, -1)) == 1, f"{job}: more than one run")
        eternal = [key for key in client.scan_iter("sb:run:*") if client.ttl(key) < 0]
        found.check(not eternal, f"keys that never expire: {eternal[:3]}")
    return found


def _rows(world: World, run: Run, found: Verdict) -> None:
    path = world.rows_file(run)
    if not path.exists():
        found.violations.append(f"{run.job}: published, but there is no {path.name}")
        return
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    found.check(
        [row["url"] for row in rows] == world.shop.urls(run.job, URLS),
        f"{run.job}: the rows are not the URLs, each once and in order",
    )
    found.rows += len(rows)
    found.gaps += sum(row["failure"] is not None for row in rows)


def _sheet(world: World, run: Run, found: Verdict) -> None:
    if run.job not in world.sheets:
        return
    sizes = {
        len(commit.tabs.get("Report", [])) for commit in world.google.commits if commit.spreadsheet == run.job
    }
    found.check(sizes <= {0, URLS + 1}, f"{run.job}: a reader saw a part of a report: {sizes}")
    shown = world.google.shown(run.job)
    found.check(len(shown) == URLS + 1, f"{run.job}: the sheet shows {len(shown)} lines")


def _messages(world: World, client: Redis, run: Run, found: Verdict) -> None:
    letters = Counter(
        str(mail.letter["Message-ID"])
        for mail in world.mail.taken
        if mail.recipients == [f"{run.job}@acme.example"]
    )
    posts = sum(run.job in str(body.get("title", "")) for body in world.hook.taken)
    records = Deliveries(client, run.id).records()
    for field_name, taken in (("result:0", sum(letters.values())), ("result:1", posts)):
        record = records.get(field_name)
        if record is None:
            found.violations.append(f"{run.job}: nothing is known of message {field_name}")
            continue
        found.messages += taken
        found.flagged += record.repeated
        most = 2 if record.repeated else 1
        found.check(1 <= taken <= most, f"{run.job}: {field_name} taken {taken} times, {record}")
    found.check(len(letters) == 1, f"{run.job}: letters carry {len(letters)} Message-IDs")
