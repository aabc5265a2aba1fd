"""`shelfbeat extract`: read saved pages, and show how each field came about."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
import typer

from console.output import WRONG_USAGE, print_json, print_table, stop
from console.site_rules import read_site_rules
from jobs.definition import SiteRules
from reports.row import Row
from scraping.extraction import examine
from scraping.extraction import extract as extract_page
from scraping.page import Page

MAX_BYTES: Final = 100_000_000
_PART_OF: Final = {"currency_symbol": "currency", "list_price_type": "list_price"}
"""What is heard only for the sake of another field."""
OFTEN_WANTED: Final = (
    "name", "brand", "sku", "mpn", "gtin", "price", "list_price", "currency", "availability", "stock_quantity",
)  # fmt: skip
_ENCODER: Final = msgspec.json.Encoder(decimal_format="string")


class Saved(msgspec.Struct):
    """A line of `--jsonl` input: a saved page."""

    id: str | int
    file: str
    url: str


def extract(
    file: Annotated[Path | None, typer.Argument(help="A saved page, .html or .html.gz.")] = None,
    url: Annotated[str | None, typer.Option(help="The address the page was saved from.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read lines {"id", "file", "url"} from standard input.')
    ] = False,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="Try site rules: a job's definition, or a file with `sites:` alone. Shows what every source said."
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what every source said, without rules too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read saved pages: one FILE with its --url, or many with --jsonl.

    Prints the product as JSON. With --rules or --explain, prints for each field what every source said, which won
    and why.
    """
    if jsonl == (file is not None) or (file is not None and url is None) or (jsonl and url is not None):
        stop("Give FILE and --url, or --jsonl with lines on standard input.", WRONG_USAGE)
    sites = read_site_rules(rules) if rules is not None else {}
    if jsonl:
        for line in _lines(sites):
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.flush()
    elif file is not None and url is not None:
        page = _page_or_stop(file, url)
        if rules is not None and rules_for(sites, url) is None:
            typer.echo(f"No rules for {urlsplit(url).hostname} in {rules}; read without them.", err=True)
        _one(page, rules_for(sites, url), explain=explain or rules is not None, as_json=as_json)


def saved_page(file: Path, url: str) -> Page:
    """Return a saved page as if it had been fetched now. Raises OSError where the file cannot be read."""
    body = file.read_bytes()
    if body[:2] == b"\x1f\x8b":
        body = zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES)
    return Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime.now(UTC))


def rules_for(sites: dict[str, SiteRules], url: str) -> SiteRules | None:
    """Return the rules of a URL's host, with or without www."""
    host = (urlsplit(url).hostname or "").lower()
    return sites.get(host) or sites.get(host.removeprefix("www."))


def explanation(page: Page, rules: SiteRules | None) -> list[dict[str, str | bool]]:
    """Return one entry a field and source: {field, source, value, path, won, why}."""
    row = extract_page(page, rules=rules)
    entries: list[dict[str, str | bool]] = []
    for reading in examine(page, rules=rules):
        for field, found in reading.found.items():
            winner = row.provenance.get(field)
            won = winner is not None and winner.source == reading.source
            entries.append(
                {
                    "field": field,
                    "source": reading.source,
                    "value": _shown(found.value),
                    "path": found.provenance.path,
                    "won": won,
                    "why": _why(row, field, won=won),
                }
            )
        entries += [
            {"field": "", "source": reading.source, "value": "", "path": "", "won": False, "why": warning}
            for warning in reading.warnings
        ]
    return sorted(entries, key=lambda entry: str(entry["field"]) or "~")


def _why(row: Row, field: str, *, won: bool) -> str:
    if not row.is_product:
        return f"the page is no product: {row.page_type}"
    if won:
        return "the strongest source that says it"
    winner = row.provenance.get(field)
    if winner is not None:
        return f"{winner.source} is stronger, or surer of it"
    if field == "list_price":
        return "not kept: it is not above the price, or in another currency"
    base = _PART_OF.get(field)
    if base is not None and base in row.provenance:
        return f"not needed: the {base.replace('_', ' ')} is what {row.provenance[base].source} says"
    return "not kept: see the warnings"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(item) for item in value[:5])
    return str(getattr(value, "value", value))[:120]


def _one(page: Page, site: SiteRules | None, *, explain: bool, as_json: bool) -> None:
    """Print one page's row, or how it came about."""
    row = extract_page(page, rules=site)
    if not explain:
        sys.stdout.write(msgspec.json.format(_ENCODER.encode(row.every_field()), indent=2).decode() + "\n")
        return
    entries = explanation(page, site)
    if as_json:
        print_json({"row": msgspec.json.decode(_ENCODER.encode(row.every_field())), "sources": entries})
        return
    print_table(
        ("field", "source", "value", "won", "why", "path"),
        [
            (
                *(str(one[key]) for key in ("field", "source", "value")),
                "yes" if one["won"] else "",
                *(str(one[key]) for key in ("why", "path")),
            )
            for one in entries
            if one["field"]
        ],
        title=f"{row.page_type}: {row.name or page.url}",
    )
    silent = [name for name in OFTEN_WANTED if all(one["field"] != name for one in entries)]
    if silent and row.is_product:
        typer.echo(f"no source says: {', '.join(silent)}")
    for warning in row.warnings:
        typer.echo(f"warning: {warning}")


def _page_or_stop(file: Path, url: str) -> Page:
    try:
        return saved_page(file, url)
    except (OSError, zlib.error, gzip.BadGzipFile) as error:
        stop(f"{file}: {getattr(error, 'strerror', None) or error}", WRONG_USAGE)


def _lines(sites: dict[str, SiteRules]) -> Iterator[bytes]:
    """Yield one JSON product a line of standard input; a page that cannot be read is a row that says so."""
    for number, text in enumerate(sys.stdin, 1):
        if not text.strip():
            continue
        try:
            saved = msgspec.json.decode(text, type=Saved)
        except msgspec.DecodeError as error:
            stop(f'standard input, line {number}: {{"id", "file", "url"}} is needed ({error})', WRONG_USAGE)
        try:
            row = extract_page(saved_page(Path(saved.file), saved.url), rules=rules_for(sites, saved.url))
        except (OSError, zlib.error) as error:
            row = Row(url=saved.url, failure="internal", failure_detail=f"{saved.file}: {error}")
        yield b'{"id":' + _ENCODER.encode(saved.id) + b"," + _ENCODER.encode(row.every_field())[1:]
