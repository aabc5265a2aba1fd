"""Three runs of a job, published and done again in any order: what each is compared with, as a model says."""

from datetime import timedelta

from fakeredis import FakeRedis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from runs import keys
from runs.ledger import Ledger, Unit
from runs.record import STEPS
from runs.store import RunStore, pack_snapshot
from tests.unit.runs.conftest import began, claim

RUNS = ("run-1", "run-2", "run-3")
some_run = st.sampled_from(RUNS)


class Editions(RuleBasedStateMachine):
    """The ledger beside a model of who was published as what, and who began to compare with it."""

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger(FakeRedis())
        for run_id in RUNS:
            claim(self.ledger, run_id, None)
        self.drawn_up: dict[str, bytes] = {}
        self.published: dict[str, bytes] = {}
        self.compared: dict[str, bytes | None] = {}

    def base(self) -> bytes | None:
        return self.published[max(self.published)] if self.published else None

    @rule(run_id=some_run)
    def go_on(self, run_id: str) -> None:
        """Do a run's next step."""
        run = self.ledger.run(run_id)
        step = run.next_step()
        if run.ended or step is None:
            return
        attempt, found = began(self.ledger, run_id, Unit(step), "task"), b"[]"
        fields = {"batches": 0}
        if step == "reduce_rows":
            self.compared.setdefault(run_id, self.base())
            found = f"{run_id} of life {attempt.life}".encode()
            fields["edition"] = attempt.life
            self.drawn_up[run_id] = found
            assert self.ledger.compared_with(run_id)[0] in {"", *self.published}
            assert self.ledger.save_snapshot(attempt, pack_snapshot(found))
        assert self.ledger.finish_step(attempt, found, **fields)
        if step == "write_to_sheet":
            self.published[run_id] = self.drawn_up[run_id]

    @rule(run_id=some_run, state=st.sampled_from(["failed", "held", "cancelled"]), at=st.integers(0, 6))
    def end_and_do_again(self, run_id: str, state: str, at: int) -> None:
        run = self.ledger.run(run_id)
        reached = STEPS.index(run.next_step() or STEPS[-1])
        self.ledger.end(run_id, "published" if run.is_out else state, tell=False)  # type: ignore[arg-type]
        assert self.ledger.reopen(run_id, STEPS[min(at, reached)], timedelta(hours=1)) == "ok"

    @invariant()
    def what_a_run_is_compared_with_is_what_was_published_when_it_began_to(self) -> None:
        for run_id, wanted in self.compared.items():
            before, edition = self.ledger.compared_with(run_id)
            found = RunStore(self.ledger.redis, before).snapshot(edition) if before else None
            figures = self.ledger.figures(before, edition) if before else None
            assert found == figures == wanted

    @invariant()
    def the_figures_of_a_run_are_those_of_its_last_publication(self) -> None:
        for run_id in RUNS:
            assert self.ledger.published_figures(run_id) == self.published.get(run_id)

    @invariant()
    def one_snapshot_is_kept_for_long(self) -> None:
        redis, most = self.ledger.redis, keys.ROWS_TTL.total_seconds()
        kept = [key for key in redis.scan_iter("sb:run:*:snapshot*") if redis.ttl(key) > most]
        assert len(kept) == int(bool(self.published))


Editions.TestCase.settings = settings(max_examples=25, stateful_step_count=60, deadline=None)
TestEditions = Editions.TestCase
