"""What is right by the rules of a definition and yet hardly meant: told as a warning, never refused."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from jobs.catalogue import Catalogue
from jobs.definition import Report
from jobs.document import Document, parse_document, read_text
from jobs.errors import Mistake
from jobs.job import Job
from jobs.secrets import is_reference
from jobs.url_sources import FeedSource, FileSource, ListSource, SitemapSource
from reports.hosts import host_of
from reports.planning import fetching_time, not_in_time


def doubts(catalogue: Catalogue, own: Mapping[str, Job]) -> list[Mistake]:
    """Return the doubtful places of all definitions; `own` are the built-in jobs."""
    found = []
    for name, file in catalogue.files.items():
        job = catalogue.jobs[name]
        if name in catalogue.last_good or not isinstance(job, Report):
            continue
        places = [*_missing_files(job, catalogue.folder), *_too_slow(job)]
        if name in own:
            places.append(
                (("job",), "this report takes the place of the service's own job of that name", name)
            )
        if places:
            document = _document(file)
            found += [document.mistake(path, told, repr(given)) for path, told, given in places]
    return found


def doubt_words(doubt: Mistake) -> str:
    """Return a warning on one line, as compilers write it."""
    return f"{doubt.file}:{doubt.line}: warning: {doubt.key}: {doubt.allowed} (given: {doubt.given})"


def _missing_files(job: Report, folder: Path) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield the local files among a report's sources that are not on this machine."""
    for number, source in enumerate(job.urls):
        key, address = _address(source)
        if not address or "://" in address or is_reference(address) or (folder / address).exists():
            continue
        hint = "" if key == "file" else "; an address begins with http:// or https://"
        yield ("urls", number, key), f"no such file here, {folder / address}{hint}", address


def _too_slow(job: Report) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield the pace at which not all URLs that the definition lists can be asked before the deadline."""
    listed = Counter(
        host_of(url) for source in job.urls if isinstance(source, ListSource) for url in source.list
    )
    words = not_in_time(listed, job.fetch.interval_s, fetching_time(job.deadline))
    if words:
        key = "rate" if job.fetch.rate and 1 / job.fetch.rate >= job.fetch.delay.total_seconds() else "delay"
        yield ("fetch", key), f"{words}: raise it, or the deadline", str(getattr(job.fetch, key))


def _address(source: object) -> tuple[str, str]:
    match source:
        case FileSource():
            return "file", source.file
        case SitemapSource():
            return "sitemap", source.sitemap
        case FeedSource():
            return "feed", source.feed
    return "", ""


def _document(file: Path) -> Document:
    text = read_text(file)
    return Document(str(file), {}, {}) if isinstance(text, Mistake) else parse_document(text, str(file))[0]
