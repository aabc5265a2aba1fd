"""Which runs there are: those that have not ended, those whose end people have yet to hear, and each job's.

All of them are kept by the ledger's scripts, beside the runs themselves.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import cast

from runs import keys
from runs.record import Run
from runs.scripts import from_ms, text, to_ms
from runs.units import Units


class Lists(Units):
    """The part of the ledger that lists runs."""

    def active(self) -> list[str]:
        """Return the ids of runs that have not ended, nearest deadline first."""
        return [text(item) for item in cast("list[bytes]", self.redis.zrange(keys.ACTIVE, 0, -1))]

    def forget(self, run_id: str) -> None:
        """Take a run whose records have expired off the active ones and those whose end is to be told."""
        self.redis.zrem(keys.ACTIVE, run_id)
        self.redis.srem(keys.UNTOLD, run_id)

    def untold(self) -> list[str]:
        """Return the ids of ended runs whose end people have yet to hear."""
        return sorted(text(item) for item in cast("set[bytes]", self.redis.smembers(keys.UNTOLD)))

    def is_untold(self, run_id: str) -> bool:
        """Return whether people have yet to hear of the run's end."""
        return bool(self.redis.sismember(keys.UNTOLD, run_id))

    def told(self, run: Run) -> None:
        """Note that people heard of the end of the run as it was then: not of what its id has stood for since."""
        self._call("told", [keys.run(run.id), keys.UNTOLD], run.id, run.sequence, run.life)

    def runs_of(self, job: str, newest: int = 20) -> list[str]:
        """Return the ids of the job's newest runs, newest first."""
        ids = cast("list[bytes]", self.redis.zrevrange(keys.job_runs(job), 0, newest - 1))
        return [text(item) for item in ids]

    def jobs(self) -> list[str]:
        """Return the names of all jobs that have runs."""
        found = cast("Iterator[bytes]", self.redis.scan_iter(keys.job_runs("*"), count=1_000))
        return sorted(text(key).split(":")[2] for key in found)

    def newest(self, count: int, without: Collection[str] = ()) -> list[str]:
        """Return the ids of the newest runs of all jobs but those named, newest first."""
        pipe = self.redis.pipeline(transaction=False)
        for job in self.jobs():
            if job in without:
                continue
            pipe.zrevrange(keys.job_runs(job), 0, count - 1, withscores=True)
        claimed = [(at, run_id) for runs in pipe.execute() for run_id, at in runs]
        return [text(run_id) for _, run_id in sorted(claimed, reverse=True)[:count]]

    def runs_since(self, jobs: Iterable[str], since: datetime | None) -> int:
        """Return how many runs these jobs had since then; None: as long as runs are kept."""
        pipe = self.redis.pipeline(transaction=False)
        for job in jobs:
            pipe.zcount(keys.job_runs(job), "-inf" if since is None else to_ms(since), "+inf")
        return sum(pipe.execute())

    def published_run(self, job: str) -> str | None:
        """Return the id of the job's newest published run."""
        value = cast("bytes | None", self.redis.hget(keys.job_published(job), "run"))
        return None if value is None else text(value)

    def published_sequence(self, job: str) -> int:
        """Return the number within its job of the job's newest published run; 0 where there is none."""
        return int(cast("bytes | None", self.redis.hget(keys.job_published(job), "sequence")) or 0)

    def dealt_with(self, job: str, otherwise: datetime) -> datetime:
        """Return the last due time of the job that was dealt with; of several first callers one counts."""
        self.redis.zadd(keys.DEALT, {job: to_ms(otherwise)}, nx=True)
        return from_ms(int(cast("float", self.redis.zscore(keys.DEALT, job))))

    def deal_with(self, job: str, due_at: datetime) -> None:
        """Note that a due time was dealt with: started, skipped or missed. Never goes back."""
        self.redis.zadd(keys.DEALT, {job: to_ms(due_at)}, gt=True)

    def deal_anew(self, job: str, since: datetime) -> None:
        """Count the job's due times later than `since` as not dealt with. Never goes forward."""
        self.redis.zadd(keys.DEALT, {job: to_ms(since)}, lt=True)
