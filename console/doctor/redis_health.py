"""Redis: does it keep what it is given, does it have room, do the machines' clocks agree with it?"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from console.doctor.finding import Finding, good, problem, warning

_FULL_SHARE: Final = 0.8
_SKEW_S: Final = 2.0
_BAD_SKEW_S: Final = 60.0
_OLDEST: Final = (6, 2)


def judge_redis(info: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the answer of INFO says."""
    name = f"{info.get('server_name', 'redis')} {info.get('redis_version', '?')}"
    version = tuple(int(part) for part in str(info.get("redis_version", "0.0")).split(".")[:2])
    if version < _OLDEST:
        yield problem("Redis", f"{name} is too old", "Install Redis 6.2 or newer, or Valkey.")
    else:
        yield good("Redis", f"{name} answers")
    yield _persistence(info)
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        yield good("eviction", "noeviction: a full Redis refuses loudly")
    else:
        yield problem(
            "eviction",
            f"{policy}: a full Redis throws work away, and publishing says OK",
            "Set maxmemory-policy noeviction in redis.conf, or in your provider's settings.",
        )
    yield _memory(info)


def _persistence(info: Mapping[str, Any]) -> Finding:
    if not int(info.get("aof_enabled", 0)):
        return problem(
            "persistence",
            "no append-only file: a restart of Redis forgets runs, Variables and what was delivered",
            "Set appendonly yes and appendfsync everysec in redis.conf; with a managed Redis, switch persistence on.",
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        return problem(
            "persistence",
            "Redis cannot write its append-only file",
            "Make room on the disk of the Redis machine.",
        )
    return good("persistence", "append-only file, last write ok")


def _memory(info: Mapping[str, Any]) -> Finding:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    shown = f"{used / 1e6:,.0f} MB used"
    if not most:
        return good("memory", f"{shown}, no limit set")
    shown += f" of {most / 1e6:,.0f} MB"
    fix = "Raise maxmemory, or find what fills it: redis-cli --bigkeys."
    if used >= most:
        return problem("memory", f"{shown}: full, it takes nothing more and all work waits", fix)
    if used > _FULL_SHARE * most:
        return warning("memory", shown, fix)
    return good("memory", shown)


def judge_clock(machine: str, skew_s: float) -> Finding:
    """Return whether a machine's clock agrees with Redis'; `skew_s` is its own time minus Redis'."""
    name = f"clock of {machine}"
    if abs(skew_s) < _SKEW_S:
        return good(name, f"{skew_s:+.1f} s from Redis'")
    fix = "Start a time service on it: timedatectl set-ntp true"
    make = problem if abs(skew_s) >= _BAD_SKEW_S else warning
    return make(name, f"{skew_s:+,.0f} s from Redis'; its logs and messages tell wrong times", fix)
