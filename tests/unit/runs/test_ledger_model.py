"""The ledger against a model of it: whatever order messages, kills and redeliveries come in, its laws hold."""

import time
from dataclasses import dataclass
from datetime import timedelta

import hypothesis.strategies as st
from fakeredis import FakeRedis
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from runs.ledger import Attempt, Ledger, Refusal, Unit
from runs.record import STEPS, StepName

BATCHES = 3
UNITS = [Unit(step) for step in STEPS] + [Unit("scrape", batch) for batch in range(BATCHES)]
TASKS = ["task-1", "task-2", "task-3"]
LIVE, LAPSED = timedelta(minutes=1), timedelta(milliseconds=-1)
SILENT, BEATING = timedelta(0), timedelta(hours=1)
LONG = timedelta(hours=1)


@dataclass
class Lease:
    """What the model knows of a unit's lease."""

    holder: str
    live: bool
    parked: bool = False
    turn: int = 0


class LedgerModel(RuleBasedStateMachine):
    """Workers that begin, freeze, die, come back and finish in any order; sweepers; ends; reruns and releases."""

    attempts: Bundle[Attempt] = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(FakeRedis())
        self.ledger.claim("run", "job", definition="{}", deadline=timedelta(hours=1))
        self.done: set[str] = set()
        self.rows: dict[int, bytes] = {}
        self.newest: dict[str, int] = {}
        self.tries: dict[str, int] = {}
        self.waits: dict[str, int] = {}
        self.leases: dict[str, Lease] = {}
        self.ended = self.held = False
        self.life = 0
        self.told_of = True
        self.published = False
        self.swept = False

    @initialize(target=attempts, done=st.integers(0, BATCHES))
    def collect(self, done: int) -> MultipleResults[Attempt]:
        """Begin where it gets interesting: URLs collected, every batch begun, `done` of them stored."""
        self.finish(self.begin(Unit("collect_urls"), "task-1"))
        begun = [self.begin(unit, "task-2") for unit in UNITS if unit.batch is not None]
        for attempt in begun[:done]:
            self.finish(attempt)
        return multiple(*begun[done:])  # type: ignore[arg-type]

    def expected(self, unit: Unit, task: str, turn: int, redelivered: bool, silent: bool) -> str:
        """Return the verdict that the ledger owes."""
        before = "collect_urls" if unit.batch is not None else unit.after
        lease = self.leases.get(unit.name)
        if self.ended:
            return "ended"
        if unit.name in self.done:
            return "done"
        if before is not None and before not in self.done:
            return "early"
        if lease is None or not lease.live:
            return "go"
        takes_over = redelivered and lease.holder == task and turn >= lease.turn and (silent or lease.parked)
        return "go" if takes_over else "busy"

    @rule(
        target=attempts,
        unit=st.sampled_from(UNITS),
        task=st.sampled_from(TASKS),
        turn=st.integers(0, 2),
        redelivered=st.booleans(),
        silent=st.booleans(),
        lapses=st.booleans(),
    )
    def begin(
        self,
        unit: Unit,
        task: str,
        *,
        turn: int = 0,
        redelivered: bool = False,
        silent: bool = False,
        lapses: bool = False,
    ) -> MultipleResults[Attempt] | Attempt:
        expected = self.expected(unit, task, turn, redelivered, silent)
        answer = self.ledger.begin(
            "run",
            unit,
            task,
            turn=turn,
            redelivered=redelivered,
            lease=LAPSED if lapses else LIVE,
            stale=SILENT if silent else BEATING,
        )
        if isinstance(answer, Refusal):
            assert answer.verdict == expected
            assert (answer.verdict == "busy") == (answer.wait > timedelta(0))
            return multiple()
        assert expected == "go"
        assert answer.fence > self.newest.get(unit.name, 0), "fences must rise"
        self.tries[unit.name] = self.tries.get(unit.name, 0) + 1
        assert answer.tries == self.tries[unit.name]
        assert answer.waits == self.waits.get(unit.name, 0)
        self.swept = False
        self.newest[unit.name] = answer.fence
        self.leases[unit.name] = Lease(task, live=not lapses, turn=turn)
        return answer

    @rule(attempt=attempts, lapses=st.booleans())
    def renew(self, attempt: Attempt, lapses: bool) -> None:
        name = attempt.unit.name
        kept = self.ledger.renew(attempt, LAPSED if lapses else LIVE)
        assert kept == (self.holds(attempt) and not self.leases[name].parked)
        if kept:
            self.leases[name] = Lease(attempt.task_id, live=not lapses, turn=attempt.turn)
            self.swept = False

    @rule(attempt=attempts, forgive=st.booleans())
    def park(self, attempt: Attempt, forgive: bool) -> None:
        """Park what is at work; an attempt that has parked already asks again, and that changes no count."""
        name = attempt.unit.name
        kept = self.ledger.park(attempt, LIVE, forgive=forgive, hindered="something")
        assert kept == self.holds(attempt)
        if kept:
            counts_as_none = forgive and not self.leases[name].parked
            self.leases[name] = Lease(attempt.task_id, live=True, parked=True, turn=attempt.turn + 1)
            self.tries[name] -= int(counts_as_none)
            self.waits[name] = self.waits.get(name, 0) + int(counts_as_none)
            self.swept = False

    @rule(attempt=attempts)
    def give_back(self, attempt: Attempt) -> None:
        kept = self.ledger.give_back(attempt)
        assert kept == (self.holds(attempt) and not self.leases[attempt.unit.name].parked)
        if kept:
            del self.leases[attempt.unit.name]
            self.swept = False

    def holds(self, attempt: Attempt) -> bool:
        """Return whether an attempt is the newest of its unit, the unit has a lease, and the run goes on."""
        name = attempt.unit.name
        return not self.ended and attempt.fence == self.newest.get(name) and name in self.leases

    @rule(attempt=consumes(attempts))
    def finish(self, attempt: Attempt) -> None:
        name, newest = attempt.unit.name, attempt.fence == self.newest.get(attempt.unit.name)
        if attempt.unit.batch is not None:
            blob = f"{name}/{attempt.fence}".encode()
            kept = self.ledger.finish_batch(attempt, blob, pages=1, products=1)
            if kept:
                self.rows[attempt.unit.batch] = blob
                self.tries.pop(name, None)
                self.waits.pop(name, None)
        elif attempt.unit.step == "scrape":
            return  # ended by its last batch alone
        elif attempt.unit.step == "collect_urls":
            kept = self.ledger.finish_step(attempt, urls=BATCHES, batches=BATCHES)
        else:
            kept = self.ledger.finish_step(attempt)
        assert kept == (newest and name not in self.done and not self.ended)
        if kept:
            self.done.add(name)
            self.published = self.published or name == "write_to_sheet"
            self.leases.pop(name, None)
            self.swept = False
        if len(self.rows) == BATCHES:
            self.done.add("scrape")

    @precondition(lambda self: not self.ended)
    @rule(
        state=st.sampled_from(["published", "failed", "held", "cancelled"]),
        tell=st.booleans(),
        rarely=st.integers(0, 3),
    )
    def end(self, state: str, tell: bool, rarely: int) -> None:
        if rarely:
            return  # most runs live on
        assert self.ledger.end("run", state, tell=tell)  # type: ignore[arg-type]
        assert not self.ledger.end("run", "failed", tell=True)
        self.ended = True
        self.held = state == "held"
        self.told_of = not tell
        self.published = self.published or state == "published"

    @precondition(lambda self: not self.ended)
    @rule(attempt=attempts, rarely=st.integers(0, 3))
    def fail(self, attempt: Attempt, rarely: int) -> None:
        """A worker gives up: it ends the run unless that went on without it."""
        step = attempt.unit.step
        newest = attempt.fence == self.newest[attempt.unit.name] and attempt.life == self.life
        if newest and step not in self.done and rarely:
            return
        ends = self.ledger.end("run", "failed", step=step, attempt=attempt, tell=True)
        assert ends == (newest and step not in self.done)
        self.ended, self.held = ends, False
        self.told_of = self.told_of and not ends

    @precondition(lambda self: self.ended)
    @rule()
    def cancel_what_has_ended(self) -> None:
        """A held run waits for a person, who may drop it once; any other has ended for good."""
        assert self.ledger.end("run", "cancelled", tell=False) == self.held
        self.told_of = self.told_of or self.held
        self.held = False

    @rule()
    def people_are_told(self) -> None:
        self.ledger.told(self.ledger.run("run"))
        self.told_of = True

    @rule()
    def sweep(self) -> None:
        turns = [self.ledger.may_sweep("run", first=LONG, longest=LONG) for _ in range(2)]
        assert turns == ([0, 0] if self.ended or self.swept else [1, 0]), "one sweeper continues it, once"
        self.swept = self.swept or not self.ended
        time.sleep(0.002)  # what moves next moves later, in ms

    @rule(step=st.sampled_from(STEPS))
    def rerun(self, step: StepName) -> None:
        if not self.ended:
            assert self.ledger.reopen("run", step, timedelta(hours=1)) == "running"
            return
        before = STEPS[: STEPS.index(step)]
        if any(name not in self.done for name in before):
            return  # the command refuses this before it asks the ledger
        assert self.ledger.reopen("run", step, timedelta(hours=1)) == "ok"
        self.ended = self.held = self.swept = False
        self.life += 1
        self.told_of = True
        for name in {unit.name for unit in UNITS if unit.step not in before}:
            # Whoever is still at work on it holds an old fence now.
            self.newest.update({name: self.newest[name] + 1} if name in self.newest else {})
            self.done.discard(name)
            self.leases.pop(name, None)
            self.tries.pop(name, None)
            self.waits.pop(name, None)
        if step in {"collect_urls", "scrape"}:
            self.rows.clear()

    @invariant()
    def the_ledger_says_what_was_done(self) -> None:
        run = self.ledger.run("run")
        assert {step.name for step in run.steps if step.state == "done"} == self.done & set(STEPS)
        assert run.pages == len(self.rows)
        if "collect_urls" in self.done:
            assert self.ledger.missing_batches("run") == [at for at in range(BATCHES) if at not in self.rows]

    @invariant()
    def live_leases_and_no_others_show(self) -> None:
        assert self.ledger.leased("run") == {name for name, lease in self.leases.items() if lease.live}

    @invariant()
    def an_active_run_has_not_ended(self) -> None:
        assert self.ledger.active() == ([] if self.ended else ["run"])

    @invariant()
    def people_hear_of_an_end_until_they_have_heard(self) -> None:
        assert self.ledger.untold() == ([] if self.told_of else ["run"])

    @invariant()
    def what_was_published_once_stays_what_is_compared_with(self) -> None:
        assert self.ledger.published_run("job") == ("run" if self.published else None)

    @invariant()
    def every_key_of_the_run_expires(self) -> None:
        assert [
            key for key in self.ledger.redis.scan_iter("sb:run:*") if self.ledger.redis.ttl(key) < 0
        ] == []


LedgerModel.TestCase.settings = settings(max_examples=40, stateful_step_count=50, deadline=None)
TestLedgerModel = LedgerModel.TestCase
