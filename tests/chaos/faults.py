"""A schedule of faults that follows from its seed."""

import contextlib
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import cast

from redis.exceptions import RedisError

from tasks.transport.broker import queue_keys
from tests.chaos.processes import Service, send
from tests.chaos.world import World
from tests.support.sheets_api import Fault

_REDIS_BACK_S = 15.0


class Faults:
    """Does to a world what machines and networks do, one fault at a time (frozen processes thaw beside it)."""

    def __init__(self, world: World, dice: Random, *, redis_faults: bool = True) -> None:
        self._world = world
        self._dice = dice
        self.done: Counter[str] = Counter()
        self._thawing: list[threading.Timer] = []
        often: list[tuple[int, Callable[[], None]]] = [
            (6, self.kill_child),
            (3, self.kill_worker),
            (1, self.kill_worker_main),
            (2, self.kill_beat),
            (3, self.freeze_worker),
            (1, self.freeze_beat),
            (2, self.stop_worker),
            (2, self.drop_connections),
            (3, self.deliver_twice),
            (2, self.pause_redis),
            (2, self.fail_google),
            (2, self.refuse_mail),
            (1, self.lose_mail_answer),
            (2, self.refuse_hook),
        ]
        if redis_faults:
            often.append((2, self.kill_redis))
        self._choices = [fault for weight, fault in often for _ in range(weight)]

    def run(self, seconds: float, *, pause_s: float = 1.5) -> None:
        """Do faults for a while, then leave the world in peace, every process thawed, every fake kind."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            fault = self._dice.choice(self._choices)
            with contextlib.suppress(RedisError, OSError):
                fault()
                self.done[fault.__name__] += 1
            time.sleep(self._dice.uniform(0.2, 2 * pause_s))
        self.end()

    def end(self) -> None:
        """Thaw and mend everything."""
        for timer in self._thawing:
            timer.join()
        self._world.mail.keeper.data_answer = "250 taken"
        self._world.mail.keeper.hang_up = False
        self._world.hook.answer_with(200)
        self._world.google.chooses = None

    def kill_child(self) -> None:
        pool = self._worker().pool
        if pool:
            send(self._dice.choice(pool), signal.SIGKILL)

    def kill_worker(self) -> None:
        self._worker().kill()

    def kill_worker_main(self) -> None:
        main = self._worker().main
        if main:
            send(main, signal.SIGKILL)

    def kill_beat(self) -> None:
        self._world.beat.kill()

    def freeze_worker(self) -> None:
        self._freeze(self._worker(), self._dice.choice([3.0, 12.0, 26.0]))

    def freeze_beat(self) -> None:
        self._freeze(self._world.beat, self._dice.uniform(2, 10))

    def stop_worker(self) -> None:
        main = self._worker().main
        if main:
            send(main, signal.SIGTERM)

    def kill_redis(self) -> None:
        self._world.redis.kill()
        time.sleep(self._dice.uniform(0.2, 3))
        self._world.redis.start()

    def pause_redis(self) -> None:
        with self._world.client() as client:
            pid = int(client.info("server")["process_id"])
        send(pid, signal.SIGSTOP)
        time.sleep(self._dice.uniform(0.5, 4))
        send(pid, signal.SIGCONT)

    def drop_connections(self) -> None:
        with self._world.client() as client:
            client.client_kill_filter(_type="normal", skipme=True)
            client.client_kill_filter(_type="pubsub", skipme=True)

    def deliver_twice(self) -> None:
        with self._world.client() as client:
            filled = [key for key in queue_keys() if client.llen(key)]
            unacked = cast("list[bytes]", client.hvals("unacked"))
            if filled and self._dice.random() < 0.5:
                key = self._dice.choice(filled)
                client.lpush(key, cast("bytes", client.lindex(key, 0)))
            elif unacked:
                message, _exchange, key = json.loads(self._dice.choice(unacked))
                client.lpush(key, json.dumps(message))

    def fail_google(self) -> None:
        kinds = [
            Fault("503"),
            Fault("drop"),
            Fault("drop", commit=True),
            Fault("429"),
            Fault("half_body", commit=True),
        ]
        dice = Random(self._dice.random())
        self._world.google.chooses = lambda _method, _path: (
            dice.choice(kinds) if dice.random() < 0.3 else None
        )
        self._later(self._dice.uniform(2, 8), lambda: setattr(self._world.google, "chooses", None))

    def refuse_mail(self) -> None:
        keeper = self._world.mail.keeper
        keeper.data_answer = "451 try later"
        self._later(self._dice.uniform(1, 6), lambda: setattr(keeper, "data_answer", "250 taken"))

    def lose_mail_answer(self) -> None:
        keeper = self._world.mail.keeper
        keeper.hang_up = True
        self._later(self._dice.uniform(0.5, 2), lambda: setattr(keeper, "hang_up", False))

    def refuse_hook(self) -> None:
        answers: list[int | str] = [500, 503, "drop"]
        self._world.hook.answer_with(self._dice.choice(answers))
        self._later(self._dice.uniform(0.5, 4), lambda: self._world.hook.answer_with(200))

    def _worker(self) -> Service:
        return self._dice.choice(self._world.workers)

    def _freeze(self, service: Service, seconds: float) -> None:
        frozen = [pid for pid in [service.main, *service.pool] if pid is not None]
        for pid in frozen:
            send(pid, signal.SIGSTOP)
        self._later(seconds, lambda: _thaw(frozen))

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        timer = threading.Timer(seconds, act)
        timer.start()
        self._thawing.append(timer)


def _thaw(pids: list[int]) -> None:
    for pid in pids:
        if _ours(pid):
            send(pid, signal.SIGCONT)


def _ours(pid: int) -> bool:
    """Return whether a process of that id is (still) a Celery of this user."""
    try:
        return (
            b"celery" in Path(f"/proc/{pid}/cmdline").read_bytes()
            and os.stat(f"/proc/{pid}").st_uid == os.getuid()
        )
    except OSError:
        return False
