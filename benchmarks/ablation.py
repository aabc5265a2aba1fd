"""`python -m benchmarks.ablation`: the saved pages read with sources taken away, as shops without markup show them.

Prints F1 per field of ours, and how many of the pages are taken for no product. Some of the pages hold their price
only in markup or in a script: without it nobody can read it, so 1.000 is out of reach. Needs ../shared/pages.
"""

import gzip
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from benchmarks.accuracy import FIELDS, PAGES, Score, measure, ours

_JSONLD: Final = re.compile(rb"<script\b[^>]*ld\+json[^>]*>.*?</script\s*>", re.IGNORECASE | re.DOTALL)
_SCRIPT: Final = re.compile(rb"<script\b[^>]*>.*?</script\s*>", re.IGNORECASE | re.DOTALL)
_ITEM: Final = re.compile(
    rb"\b(itemprop|itemscope|itemtype|typeof|itemid|itemref)(?==|[\s>/])", re.IGNORECASE
)
_META: Final = re.compile(
    rb"<meta\b[^>]*\b(?:property|name|itemprop)\s*=\s*[\"']?(?:og:|product:|twitter:)[^>]*>", re.IGNORECASE
)
_LONGEST_TAG: Final = 300
Cut = Callable[[bytes], bytes]


def _jsonld(body: bytes) -> bytes:
    return _JSONLD.sub(b"", body)


def _microdata(body: bytes) -> bytes:
    return _ITEM.sub(rb"x-\1", body)


def _opengraph(body: bytes) -> bytes:
    return _META.sub(b"", body)


def _state(body: bytes) -> bytes:
    return _SCRIPT.sub(
        lambda found: found.group() if b"ld+json" in found.group()[:_LONGEST_TAG] else b"", body
    )


WITHOUT: Final[dict[str, tuple[Cut, ...]]] = {
    "all sources": (),
    "without JSON-LD": (_jsonld,),
    "without JSON-LD and microdata": (_jsonld, _microdata),
    "state and DOM": (_jsonld, _microdata, _opengraph),
    "OpenGraph and DOM": (_jsonld, _microdata, _state),
    "DOM alone": (_jsonld, _microdata, _opengraph, _state),
}


def pages() -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield (what is true of a page, its body)."""
    for line in (PAGES / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield case, gzip.decompress((PAGES / case["file"]).read_bytes())


def main() -> int:
    """Print one line a set of sources. Returns the exit code."""
    if not (PAGES / "truth.jsonl").exists():
        print("ablation needs ../shared/pages, and it is not here")
        return 1
    print(f"{'F1 with':30}" + "".join(f"{name:>13}" for name in FIELDS) + "   misjudged")
    for label, cuts in WITHOUT.items():
        score = Score()
        for case, body in pages():
            for cut in cuts:
                body = cut(body)  # noqa: PLW2901 - the page loses one source after the other
            measure(score, ours, case, body)
        cells = "".join(f"{score.line(name).split()[2]:>13}" for name in FIELDS)
        print(f"{label:30}{cells}   {score.not_products:9}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
