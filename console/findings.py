"""What a report found, as a table in the terminal."""

from typing import Any, Final

from console.output import console
from console.rows import print_rows
from reports.reasons import joined_reasons
from reports.wording import counted, counted_urls
from tasks.context import Context
from tasks.steps.compared import compared_rows

_PRIVATE: Final = (
    "Addresses inside your own network are read only where SHELFBEAT_ALLOW_PRIVATE_HOSTS names them, such as "
    "SHELFBEAT_ALLOW_PRIVATE_HOSTS=127.0.0.1"
)


def print_findings(here: Context, view: dict[str, Any], rows: int = 15) -> None:
    """Print the first `rows` rows of an ended run, then its figures."""
    run = here.ledger.run(view["run"])
    if view["urls"]:
        print_rows(compared_rows(here, run), rows, view["urls"])
    console.print()
    style = "green" if run.state == "published" else "yellow" if run.state == "published_with_gaps" else "red"
    console.print(run.state.replace("_", " "), style=style, end=": ")
    if view["urls"] is None:
        console.print(view["reason"] or "no URL was read", soft_wrap=True)
        return
    console.print(f"{counted_urls(view['urls'], view['repeats'])}, {counted(view['products'], 'product')}")
    for said, count, reasons in joined_reasons(view["failures"]):
        console.print(f"  {count:>6}  {said} ({reasons})", soft_wrap=True)
    if "forbidden_host" in view["failures"]:
        console.print(_PRIVATE, style="yellow", soft_wrap=True)
    if view["reason"]:
        console.print(view["reason"], style="red")
