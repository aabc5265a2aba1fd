"""`shelfbeat demo`: two mornings of a report over a bundled shop, on real processes, in under half a minute."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from console.demo.rules import SITE_RULES
from console.demo.shop import DemoShop, demo_shop
from console.findings import print_findings
from console.follow import follow
from console.output import DONE, RUN_FAILED, console, print_json
from console.stack import Stack, running_stack
from console.view import run_view
from jobs.definition import Report
from reports.wording import counted
from runs.record import PUBLISHED_STATES
from tasks.context import Context, context
from tasks.start import start_manual

_PROCESSES: Final = 2
_NEXT: Final = "Now pages of your own: .venv/bin/shelfbeat report URL … --out ./my-report"


def demo(as_json: Annotated[bool, typer.Option("--json", help="Print both runs as JSON.")] = False) -> None:
    """Run a report over a bundled shop: Redis, a worker, Flower, two mornings, the files and the message."""
    os.environ.setdefault("SHELFBEAT_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    views = []
    with tempfile.TemporaryDirectory(prefix="shelfbeat-demo-") as scratch, demo_shop() as shop:
        folder = Path(scratch)
        with running_stack(folder, processes=_PROCESSES, flower=True) as stack:
            if not as_json:
                console.print(f"A shop of 300 pages at {shop.url('/')}")
                console.print(f"Flower at {stack.flower_url}, while this runs", style="dim")
            here = context()
            views.append(_morning(here, stack, shop, quiet=as_json))
            shop.day = 2
            views.append(_morning(here, stack, shop, quiet=as_json))
            if as_json:
                print_json(views)
            else:
                print_findings(here, views[-1])
                _print_places(views[-1])
    if not as_json:
        console.print(_NEXT, soft_wrap=True)
    good = all(view["state"] in PUBLISHED_STATES for view in views)
    raise typer.Exit(DONE if good else RUN_FAILED)


def _morning(here: Context, stack: Stack, shop: DemoShop, *, quiet: bool) -> dict[str, Any]:
    run_id = start_manual(here, _definition(shop))
    run = follow(here, run_id, stack.keep_up, quiet=quiet)
    view = run_view(here, run_id)
    if not quiet:
        took = (run.ended_at - run.claimed_at).total_seconds() if run.ended_at else 0.0
        words = f"{counted(view['urls'], 'page')}, {counted(view['products'], 'product')}, "
        words += f"{took:.1f} s from claim to message"
        console.print(f"Morning {shop.day}", style="bold", end=": ")
        console.print(f"{run.state.replace('_', ' ')}; {words}")
    return view


def _definition(shop: DemoShop) -> Report:
    return Report.model_validate(
        {
            "job": "demo",
            "customer": "Demo shop",
            "category": "Reports",
            "description": "Every product of the bundled shop",
            "urls": [{"sitemap": shop.url("/sitemap.xml")}],
            "fetch": {"batch_size": 50},
            "sites": {"127.0.0.1": SITE_RULES},
            "publish": {"files": ["xlsx", "csv", "jsonl"]},
        }
    )


def _print_places(view: dict[str, Any]) -> None:
    console.print()
    for place in view["published"]:
        console.print(f"{place['kind']:<6}{place['path']}", soft_wrap=True)
    console.rule("the message")
    subject, text = view["message"]["subject"], view["message"]["text"]
    console.print(subject, style="bold")
    # A mail's text begins with its subject, for whoever reads it without.
    console.print(text.removeprefix(subject).lstrip("\n"))
