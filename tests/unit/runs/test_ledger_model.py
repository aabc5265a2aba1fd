"""The ledger against a model of it: whatever order messages, kills and redeliveries come in, its laws hold."""

from datetime import timedelta

import hypothesis.strategies as st
from fakeredis import FakeRedis
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from runs.ledger import Attempt, Ledger, Refusal, Unit
from runs.record import STEPS

BATCHES = 3
UNITS = [Unit(step) for step in STEPS] + [Unit("scrape", batch) for batch in range(BATCHES)]


class LedgerModel(RuleBasedStateMachine):
    """Workers that begin, freeze, die and finish in any order; sweepers; ends; reruns."""

    attempts: Bundle[Attempt] = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(FakeRedis())
        self.ledger.claim("run", "job", definition="{}", deadline=timedelta(hours=1))
        self.done: set[str] = set()
        self.rows: dict[int, bytes] = {}
        self.newest: dict[str, int] = {}
        self.ends = 0
        self.messages = 0

    @rule(target=attempts, unit=st.sampled_from(UNITS), expired=st.booleans())
    def begin(self, unit: Unit, expired: bool) -> Attempt:
        lease = timedelta(milliseconds=-1) if expired else timedelta(minutes=1)
        self.messages += 1
        answer = self.ledger.begin("run", unit, f"task-{self.messages}", lease=lease)
        ready = unit.after is None or unit.after in self.done
        if unit.batch is not None:
            ready = "collect_urls" in self.done
        if isinstance(answer, Refusal):
            # A refusal that is never shown to anybody; the fence below the newest stands for it.
            return Attempt("run", unit, -1, "nobody")
        assert ready, f"{unit.name} began before its turn"
        assert unit.name not in self.done, f"{unit.name} began again although it is done"
        assert not self.ends, "work began in a run that has ended"
        assert answer.fence > self.newest.get(unit.name, 0), "fences must rise"
        self.newest[unit.name] = answer.fence
        return answer

    @rule(attempt=attempts)
    def renew(self, attempt: Attempt) -> None:
        if self.ledger.renew(attempt, timedelta(milliseconds=-1)):
            assert attempt.fence == self.newest[attempt.unit.name]

    @rule(attempt=consumes(attempts))
    def finish(self, attempt: Attempt) -> None:
        name = attempt.unit.name
        if attempt.unit.batch is not None:
            blob = f"{name}/{attempt.fence}".encode()
            kept = self.ledger.finish_batch(attempt, blob, pages=1, products=1)
            if kept:
                self.rows[attempt.unit.batch] = blob
        elif attempt.unit.step == "scrape":
            return  # ended by its last batch alone
        elif attempt.unit.step == "collect_urls":
            kept = self.ledger.finish_step(attempt, urls=BATCHES, batches=BATCHES)
        else:
            kept = self.ledger.finish_step(attempt)
        if kept:
            assert attempt.fence == self.newest[name], "an old attempt's work was taken"
            assert name not in self.done, "a unit was done twice"
            assert not self.ends, "an ended run took work"
            self.done.add(name)
        if len(self.rows) == BATCHES:
            self.done.add("scrape")

    @rule(state=st.sampled_from(["published", "failed", "cancelled"]))
    def end(self, state: str) -> None:
        if self.done >= set(STEPS) or state != "published":
            if self.messages % 7:  # most runs live on
                return
            ended = self.ledger.end("run", state, tell=True)  # type: ignore[arg-type]
            assert ended == (not self.ends)
            self.ends += int(ended)

    @rule(step=st.sampled_from(STEPS))
    def rerun(self, step: str) -> None:
        if not self.ends:
            assert self.ledger.reopen("run", step, timedelta(hours=1)) == "running"  # type: ignore[arg-type]
            return
        before = STEPS[: STEPS.index(step)]
        if any(name not in self.done for name in before):
            return  # the command refuses this before it asks the ledger
        assert self.ledger.reopen("run", step, timedelta(hours=1)) == "ok"  # type: ignore[arg-type]
        self.ends = 0
        self.done -= set(STEPS) - set(before)
        if step in {"collect_urls", "scrape"}:
            self.rows.clear()
            self.done -= {Unit("scrape", batch).name for batch in range(BATCHES)}

    @invariant()
    def the_ledger_says_what_was_done(self) -> None:
        run = self.ledger.run("run")
        assert {step.name for step in run.steps if step.state == "done"} == self.done & set(STEPS)
        assert run.pages == len(self.rows)
        if "collect_urls" in self.done:
            assert self.ledger.missing_batches("run") == [at for at in range(BATCHES) if at not in self.rows]

    @invariant()
    def an_active_run_has_not_ended(self) -> None:
        assert self.ledger.active() == ([] if self.ends else ["run"])


LedgerModel.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestLedgerModel = LedgerModel.TestCase
