"""Every key of the ledger in Redis, its content and its lifetime. One place.

Keys that hold no truth, only courtesy or time saved, stand where they are used: `sb:pace:*`, `sb:robots:*` and
`sb:cond:*` in scraping, `sb:sheet:*` in exporters.google.pace. All of them expire.

| key | type | content | lifetime |
|---|---|---|---|
| `sb:claim:<job>:<due>` | string | run id of this due time | CLAIM_TTL; of one missed, RUN_TTL |
| `sb:active` | zset | ids of runs that have not ended, by deadline (ms) | until the run ends |
| `sb:untold` | set | ids of ended runs whose end people have yet to hear | until told |
| `sb:job:<job>:runs` | zset | ids of the job's runs, by claim time (ms); the newest RUNS_KEPT | RUN_TTL |
| `sb:job:<job>:seq` | string | number of the job's newest run; orders publishes | none, 8 bytes a job |
| `sb:job:<job>:published` | hash | run, sequence, edition of the newest published run | SNAPSHOT_TTL |
| `sb:variables` | hash | each Variable by name, as JSON with its last change | none, about 0.3 KB a Variable |
| `sb:variables:log` | list | the newest VARIABLE_CHANGES_KEPT changes, as JSON | none, bounded |
| `sb:paused` | hash | who paused a job, when and why, as JSON, by job | until resumed |
| `sb:schedules` | hash | the schedule in force, by job | none, about 60 bytes a job |
| `sb:good` | hash | the last good version of each definition file, by its name | none, about 2 KB a file |
| `sb:good:since` | hash | since when (ms) that version is in force, by its file's name | none, about 40 bytes a file |
| `sb:complaint` | string | round of mistakes, and the digest of what the operators were told | COMPLAINT_TTL |
| `sb:born` | string | ms since when this Redis remembers | none, one key |
| `sb:aside` | list | messages no worker could read or knew, as JSON; the newest ASIDE_KEPT | RUN_TTL |
| `sb:trouble` | hash | what is wrong with a job now, as JSON, by job | until it is well; about 0.3 KB a job |
| `sb:quiet` | hash | what people were told of and what is kept for a digest, by audience and kind | until the digest |
| `sb:figures:<day>` | string | a day (UTC) by customer and by channel, as JSON | FIGURES_TTL |
| `sb:dealt` | zset | the last due time (ms) of each job that was dealt with | none, about 60 bytes a job |
| `sb:run:<id>` | hash | state, times, figures; `second_pass:<life>:<batch>`, `reach:<life>` | RUN_TTL |
| `sb:run:<id>:definition` | string | the definition as frozen when the run was claimed, as JSON | RUN_TTL |
| `sb:run:<id>:units` | hash | attempts and leases of steps and batches | RUN_TTL |
| `sb:run:<id>:done` | bitmap | one bit a batch | RUN_TTL |
| `sb:run:<id>:results` | hash | what each step found, as JSON; `published:<edition>` of one done again | RUN_TTL |
| `sb:run:<id>:events` | list | the newest EVENTS_KEPT events, as JSON | RUN_TTL |
| `sb:run:<id>:deliveries` | hash | one record a message and channel, as JSON | RUN_TTL |
| `sb:run:<id>:urls:<edition>:<batch>` | string | URLs of a batch, zstd JSON; about 0.02 KB a URL | ROWS_TTL |
| `sb:run:<id>:rows:<batch>` | string | rows of a batch, zstd JSON; about 0.1 to 0.3 KB a URL | ROWS_TTL |
| `sb:run:<id>:part:<life>:<batch>` | string | rows of a batch that waits for slow hosts | ROWS_TTL, or till done |
| `sb:run:<id>:snapshot[:<edition>]` | string | for the next run to compare; 40 bytes a URL | SNAPSHOT_TTL or ROWS_TTL |
| `sb:beat:<host>:<pid>` | string | ms of the last tick | BEAT_TTL |
"""

from datetime import timedelta
from typing import Final

CLAIM_TTL: Final = timedelta(days=40)
RUN_TTL: Final = timedelta(days=30)
ROWS_TTL: Final = timedelta(days=2)
SNAPSHOT_TTL: Final = timedelta(days=40)
COMPLAINT_TTL: Final = timedelta(minutes=10)
FIGURES_TTL: Final = timedelta(days=400)
BEAT_TTL: Final = timedelta(minutes=2)
RUNS_KEPT: Final = 400
EVENTS_KEPT: Final = 1_000
ASIDE_KEPT: Final = 1_000
VARIABLE_CHANGES_KEPT: Final = 1_000

ACTIVE: Final = "sb:active"
UNTOLD: Final = "sb:untold"
BORN: Final = "sb:born"
ASIDE: Final = "sb:aside"
DEALT: Final = "sb:dealt"
TROUBLE: Final = "sb:trouble"
QUIET: Final = "sb:quiet"
VARIABLES: Final = "sb:variables"
VARIABLE_LOG: Final = "sb:variables:log"
PAUSED: Final = "sb:paused"
SCHEDULES: Final = "sb:schedules"
GOOD: Final = "sb:good"
GOOD_SINCE: Final = "sb:good:since"
COMPLAINT: Final = "sb:complaint"


def claim(job: str, due_ms: int) -> str:
    """Return the key that makes (job, due time) unique."""
    return f"sb:claim:{job}:{due_ms}"


def job_runs(job: str) -> str:
    """Return the key of the job's run ids."""
    return f"sb:job:{job}:runs"


def job_sequence(job: str) -> str:
    """Return the key of the job's run counter."""
    return f"sb:job:{job}:seq"


def job_published(job: str) -> str:
    """Return the key of the job's newest published run."""
    return f"sb:job:{job}:published"


def run(run_id: str) -> str:
    """Return the key of the run's own hash."""
    return f"sb:run:{run_id}"


def definition(run_id: str) -> str:
    """Return the key of the run's frozen definition."""
    return f"sb:run:{run_id}:definition"


def units(run_id: str) -> str:
    """Return the key of attempts and leases."""
    return f"sb:run:{run_id}:units"


def done(run_id: str) -> str:
    """Return the key of the bitmap of done batches."""
    return f"sb:run:{run_id}:done"


def results(run_id: str) -> str:
    """Return the key of what the steps found."""
    return f"sb:run:{run_id}:results"


def events(run_id: str) -> str:
    """Return the key of the run's events."""
    return f"sb:run:{run_id}:events"


def deliveries(run_id: str) -> str:
    """Return the key of the run's deliveries."""
    return f"sb:run:{run_id}:deliveries"


def urls(run_id: str, edition: int, batch: int) -> str:
    """Return the key of a batch's URLs; `edition` is the attempt of collect_urls that wrote them."""
    return f"sb:run:{run_id}:urls:{edition}:{batch}"


def further_passes(life: int, batch: int) -> str:
    """Return the field of the run's hash that counts a batch's further passes; `life` counts reopenings."""
    return f"second_pass:{life}:{batch}"


def reach(life: int) -> str:
    """Return the field of the run's hash that says whom its message had reached when people were first told."""
    return f"reach:{life}"


def rows(run_id: str, batch: int) -> str:
    """Return the key of a batch's rows."""
    return f"sb:run:{run_id}:rows:{batch}"


def part(run_id: str, life: int, batch: int) -> str:
    """Return the key of the rows that a batch has while its other pages wait; `life` counts reopenings."""
    return f"sb:run:{run_id}:part:{life}:{batch}"


def snapshot(run_id: str, edition: int = 0) -> str:
    """Return the key of what the next run is compared with once this one is published.

    `edition` is the life of the run in which reduce_rows was done.
    """
    return f"sb:run:{run_id}:snapshot{f':{edition}' if edition else ''}"


def published(edition: int) -> str:
    """Return the field of the run's results with what an edition was published with, where there is a newer."""
    return f"published:{edition}"


def figures(day: str) -> str:
    """Return the key of a day's figures."""
    return f"sb:figures:{day}"


def beat(host: str, pid: int) -> str:
    """Return the key by which a beat process says that it ticks."""
    return f"sb:beat:{host}:{pid}"
