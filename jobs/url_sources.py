"""Where a report's URLs come from, as a definition says it. scraping.sources reads them."""

from typing import Annotated, Final

from pydantic import Discriminator, Field, Tag

from jobs.model import Model, PageAddress, Regex, SourceAddress, SpreadsheetId


class ListSource(Model):
    """URLs written into the definition."""

    list: tuple[PageAddress, ...] = Field(min_length=1)


class FileSource(Model):
    """A text, CSV, TSV or XLSX file; local path, http(s), or `secret:NAME`."""

    file: SourceAddress
    column: str | None = None
    """Heading of the column that holds the URLs; a text file has none."""
    sheet: str | None = None
    """Tab of an XLSX file; default: the first."""


class SitemapSource(Model):
    """A sitemap or sitemap index, also gzipped; local path, http(s), or `secret:NAME`."""

    sitemap: SourceAddress
    include: tuple[Regex, ...] = ()
    """Regular expressions; a `<loc>` must match one of them."""
    exclude: tuple[Regex, ...] = ()
    """Regular expressions; a `<loc>` must match none of them."""


class FeedSource(Model):
    """A merchant product feed: RSS or Atom with g: names, CSV or TSV; local path, http(s), or `secret:NAME`."""

    feed: SourceAddress


class SheetSource(Model):
    """A range of a Google Sheet."""

    sheet: SpreadsheetId
    """Spreadsheet id, or its address."""
    range: str = Field(default="A2:A", min_length=1)
    """A1 notation, the tab included where it is not the first: `URLs!B2:B`."""


SOURCE_KINDS: Final = ("list", "file", "sitemap", "feed", "sheet")


def _source_kind(value: object) -> str | None:
    """Return which kind of source the keys say, so that a mistake in one is told once and not five times.

    `file` before `sheet`: a file of several tabs names its tab `sheet`.
    """
    for kind in ("list", "file", "sitemap", "feed", "sheet"):
        if kind in value if isinstance(value, dict) else hasattr(value, kind):
            return kind
    return None


UrlSource = Annotated[
    Annotated[ListSource, Tag("list")]
    | Annotated[FileSource, Tag("file")]
    | Annotated[SitemapSource, Tag("sitemap")]
    | Annotated[FeedSource, Tag("feed")]
    | Annotated[SheetSource, Tag("sheet")],
    Discriminator(
        _source_kind,
        custom_error_type="source_kind",
        custom_error_message="one of the keys list, file, sitemap, feed, sheet",
    ),
]
