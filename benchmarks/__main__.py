"""`make bench`: fetching against its peers, where a page's CPU goes, what each choice earns, the site's latency,
politeness, a whole run on Celery, a million URLs, publishing. Figures go to stdout, at the end what is to be reached.

python -m benchmarks [--rounds 5] [--urls 10000,100000,1000000]
                     [--only fetch,stages,choices,latency,pace,orchestration,million,publish]
"""

import argparse

from benchmarks import choices, fetch, fleet, latency, pace, publish, stages
from benchmarks.goals import Goal, print_goals

PARTS = ("fetch", "stages", "choices", "latency", "pace", "orchestration", "million", "publish")


def main() -> None:
    """Run the parts asked for, one after the other."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--rounds", type=int, default=fetch.ROUNDS)
    options.add_argument("--only", default=",".join(PARTS))
    options.add_argument("--urls", default="10000,100000,1000000")
    chosen = options.parse_args()
    parts = set(chosen.only.split(","))
    goals: list[Goal] = []
    if "fetch" in parts:
        goals += fetch.print_comparison(fetch.compare(chosen.rounds))
    if "stages" in parts:
        stages.print_stages()
    if "choices" in parts:
        choices.print_choices()
    if "latency" in parts:
        goals += latency.print_latency()
    if "pace" in parts:
        goals += pace.print_pace()
    if "orchestration" in parts:
        print("\nA whole run: embedded Redis, Celery worker with two processes, pages of the same server")
        goals += fleet.orchestration(20_000)
    if "million" in parts:
        print("\nPlanned, fanned out, stored, reduced and published; pages simulated in the worker")
        goals += fleet.million([int(text) for text in chosen.urls.split(",")])
    if "publish" in parts:
        print("\n100,000 rows of 20 columns to every kind of place")
        publish.print_costs(100_000)
    if goals:
        print_goals(goals)


if __name__ == "__main__":
    main()
