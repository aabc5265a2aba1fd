"""A secret is nowhere but where it is used: not in Redis, logs, Flower, console, files, messages or processes."""

import json
import socket
from pathlib import Path

import requests
from redis import Redis

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_of, shelfbeat
from tests.acceptance.test_people import wait_until
from tests.support.monitor import Monitor
from tests.support.receivers import Hook

CANARY = "c4naryBird7431"


def dump(redis: Redis) -> str:
    """Return all that Redis holds, as text."""
    found = []
    for key in redis.scan_iter(count=1_000):
        kind = redis.type(key)
        if kind == b"string":
            value: object = redis.get(key)
        elif kind == b"hash":
            value = redis.hgetall(key)
        elif kind == b"list":
            value = redis.lrange(key, 0, -1)
        elif kind == b"set":
            value = redis.smembers(key)
        else:
            value = redis.zrange(key, 0, -1)
        found.append(f"{key!r} {value!r}")
    return "\n".join(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


TABLE = "/tasks/datatable?draw=1&start=0&length=1000&order[0][column]=0&columns[0][data]=name"


def flower_says(port: int) -> str:
    """Return what Flower's interface and pages show of all tasks and workers, the page of each task included."""

    def page(path: str) -> requests.Response:
        answer = requests.get(f"http://127.0.0.1:{port}{path}", auth=("who", "knows"), timeout=10)
        assert answer.ok, (path, answer.status_code)
        return answer

    tasks = page("/api/tasks?limit=1000")
    paths = ("/api/workers", "/tasks", TABLE, "/metrics", *(f"/task/{task}" for task in tasks.json()))
    return tasks.text + "".join(page(path).text for path in paths)


def table_of_tasks(port: int) -> list[dict[str, str]]:
    """Return the rows of Flower's tasks page."""
    answer = requests.get(f"http://127.0.0.1:{port}{TABLE}", auth=("who", "knows"), timeout=10)
    rows: list[dict[str, str]] = answer.json()["data"]
    return rows


LITERAL = f"""\
job: literal
urls: [{{feed: "https://shop:{CANARY}@shop.example/feed.xml"}}]
publish: {{files: [csv]}}
notify: ["mailto://reports:{CANARY}@acme.example", "json://127.0.0.1:1/{CANARY}"]
monitor: https://hc-ping.example/{CANARY}
escalation: [{{to: ["slack://T0/B0/{CANARY}"]}}]
"""


def commands_with_a_literal(services: Services) -> str:
    """Give a credential where a reference belongs, in every way there is; return what was said."""
    said = ""
    for command in (
        ("jobs", "check"),
        ("jobs", "check", "--json"),
        ("jobs", "list"),
        ("jobs", "show", "literal"),
        ("jobs", "trigger", "literal"),
        ("jobs", "trigger", "kettles", "--set", f"notify=['json://127.0.0.1:1/{CANARY}']"),
        ("jobs", "trigger", "kettles", "--set", f"monitor=https://hc-ping.example/{CANARY}"),
        ("variables", "set", "TEAM", f"slack://T0/B0/{CANARY}"),
        ("variables", "set", "FEED", f"https://shop:{CANARY}@shop.example/", "--type", "address"),
        ("doctor", "--json"),
    ):
        done = shelfbeat(*command, env=services.env)
        assert command[0] in {"doctor", "jobs"} or done.returncode == 2, (command, done.stdout, done.stderr)
        said += done.stdout + done.stderr
    assert said.count("it could hold a credential") >= 10
    return said


def test_a_planted_secret_is_found_nowhere(services: Services, shop: DemoShop, tmp_path: Path) -> None:
    with Hook(200) as good, Hook(410) as bad, Monitor(404) as monitor:
        services.env |= {
            "GOOD_HOOK": good.address(f"hook/{CANARY}"),
            "BAD_HOOK": bad.address(f"hook/{CANARY}"),
            "CHECK": monitor.address(CANARY),
            "PAGES": shop.url(f"/feed.xml?key={CANARY}"),
            "SHELFBEAT_OPERATORS": "secret:BAD_HOOK",
            "SHELFBEAT_MONITOR": "secret:CHECK",
            "FLOWER_BASIC_AUTH": "who:knows",
        }
        (tmp_path / "jobs.d" / "kettles.yaml").write_text(
            json.dumps(
                {
                    "job": "kettles",
                    "urls": [{"list": shop.urls()[:3]}, {"feed": "secret:PAGES"}],
                    "publish": {"files": ["jsonl", "csv"]},
                    "notify": ["secret:GOOD_HOOK", "secret:BAD_HOOK"],
                    "monitor": "secret:CHECK",
                }
            )
        )
        (tmp_path / "jobs.d" / "broken.yaml").write_text(
            json.dumps(
                {
                    "job": "broken",
                    "urls": [{"sitemap": shop.url("/nowhere.xml")}],
                    "publish": {"files": ["csv"]},
                    "notify": ["secret:BAD_HOOK"],
                }
            )
        )
        literal = tmp_path / "jobs.d" / "literal.yaml"
        literal.write_text(LITERAL)
        services.worker()
        services.beat()
        port = free_port()
        services.start("flower", "-A", "worker.app", "flower", "--address=127.0.0.1", f"--port={port}")
        said, runs = [], []
        for job in ("kettles", "broken"):
            run = json_of(shelfbeat("jobs", "trigger", job, "--json", env=services.env))["run"]
            view = services.wait_for_end(run, timeout_s=90)
            said.append(str(view))
            runs.append(run)
        for command in (
            ("secrets", "check"),
            ("doctor",),
            ("notify", "test", "kettles"),
            ("jobs", "show", "kettles"),
            ("runs", "list"),
        ):
            done = shelfbeat(*command, env=services.env)
            said += [done.stdout, done.stderr]
        said.append(commands_with_a_literal(services))
        wait_until(lambda: "literal.yaml" in str(bad.bodies), 20, "operators were not told of the file")
        assert CANARY not in str(good.bodies) + str(bad.bodies)
        flower = flower_says(port)
        assert CANARY not in flower
        batches = [row["args"] for row in table_of_tasks(port) if row["name"] == "scrape_batch"]
        assert all(f"'{runs[0]}', {number}" in args for number, args in enumerate(sorted(batches)))
        assert batches
        assert good.bodies
        assert bad.bodies
        assert monitor.pings  # the secret was used at each of these
        with Redis.from_url(services.redis.url) as redis:
            held = dump(redis)
        assert "kettles" in held
        assert CANARY not in held
        assert CANARY not in "\n".join(said)
        for name in ("worker", "beat", "flower"):
            assert CANARY not in services.log(name), name
        files = [path for path in tmp_path.rglob("*") if path.is_file() and path != literal]
        assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
