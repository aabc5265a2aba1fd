"""What a spreadsheet holds, in one reading: the live tab, our mark, the generation, what is left over."""

from typing import Any, Final

import msgspec

FIELDS: Final = (
    # Not the locale: nothing that we write depends on it, as texts are never parsed and colours need no formula.
    "spreadsheetUrl,sheets(properties(sheetId,title,hidden,gridProperties),basicFilter,conditionalFormats,"
    "developerMetadata(metadataId,metadataKey,metadataValue))"
)
MARK_KEY: Final = "shelfbeat.report"
STAGING_PREFIX: Final = "_shelfbeat staging "
GENERATION_PREFIX: Final = "_shelfbeat generation "


class Mark(msgspec.Struct, frozen=True):
    """Our developer metadata on the live tab: what was published there last."""

    job: str
    run: str
    sequence: int
    rows: int
    columns: int
    checksum: str
    tab: str
    """Name of the tab in the definition: the tab is found by this when a person has renamed it."""
    start: str
    """Cell of the first heading, in A1 notation."""
    generation: int
    """Sheet id of the generation tab."""
    layout: str
    """Digest of columns and start cell: formats are set anew only when it changes."""
    life: int = 0
    """How often a person had had the run done again by then."""


class _GridProperties(msgspec.Struct, rename="camel"):
    row_count: int = 0
    column_count: int = 0
    frozen_row_count: int = 0


class _Properties(msgspec.Struct, rename="camel"):
    sheet_id: int = 0
    title: str = ""
    hidden: bool = False
    grid_properties: _GridProperties = msgspec.field(default_factory=_GridProperties)


class _Metadata(msgspec.Struct, rename="camel"):
    metadata_id: int
    metadata_key: str = ""
    metadata_value: str = ""


class Tab(msgspec.Struct, rename="camel"):
    """One tab, as `spreadsheets.get` tells of it. Filter and rules stay in the API's own form."""

    properties: _Properties = msgspec.field(default_factory=_Properties)
    basic_filter: dict[str, Any] | None = None
    conditional_formats: list[dict[str, Any]] = []
    developer_metadata: list[_Metadata] = []

    @property
    def id(self) -> int:
        """Sheet id: never changes, what formulas and charts are bound to."""
        return self.properties.sheet_id

    @property
    def title(self) -> str:
        """Name on the tab."""
        return self.properties.title

    @property
    def rows(self) -> int:
        """Rows of the grid, empty ones included."""
        return self.properties.grid_properties.row_count

    @property
    def columns(self) -> int:
        """Columns of the grid, empty ones included."""
        return self.properties.grid_properties.column_count

    @property
    def cells(self) -> int:
        """Cells that count against the limit."""
        return self.rows * self.columns


class _Spreadsheet(msgspec.Struct, rename="camel"):
    spreadsheet_url: str = ""
    sheets: list[Tab] = []


class SheetState(msgspec.Struct, frozen=True):
    """One reading of the spreadsheet, from the report's point of view."""

    url: str
    tabs: tuple[Tab, ...]
    live: Tab | None
    mark: Mark | None
    mark_id: int | None
    generation: Tab | None
    marks: tuple[Mark, ...]
    """Our marks on all tabs, those of other jobs included."""
    leftovers: tuple[Tab, ...]
    """Staging tabs of attempts that are dead, as there is one writer at a time."""

    @property
    def ids(self) -> frozenset[int]:
        """Sheet ids in use."""
        return frozenset(tab.id for tab in self.tabs)

    @property
    def cells(self) -> int:
        """Cells that stay when the left-overs are gone."""
        return sum(tab.cells for tab in self.tabs) - sum(tab.cells for tab in self.leftovers)


def read_mark(tab: Tab) -> tuple[Mark, int] | None:
    """Return our mark on a tab and its metadata id; None where there is none that we can read."""
    for item in tab.developer_metadata:
        if item.metadata_key == MARK_KEY:
            try:
                return msgspec.json.decode(item.metadata_value, type=Mark), item.metadata_id
            except msgspec.DecodeError:
                continue  # a person has written there
    return None


def look(answer: dict[str, Any], tab_name: str, job: str) -> SheetState:
    """Return the state that a `spreadsheets.get` shows for the job's report in the tab named so.

    Google tells no names of tabs apart that differ in case only, so we do not either.
    """
    spreadsheet = msgspec.convert(answer, _Spreadsheet)
    tabs = tuple(spreadsheet.sheets)
    live = next((tab for tab in tabs if same_tab(tab.title, tab_name)), None) or _renamed(tabs, tab_name, job)
    found = read_mark(live) if live else None
    mark, mark_id = found if found else (None, None)
    return SheetState(
        url=spreadsheet.spreadsheet_url,
        tabs=tabs,
        live=live,
        mark=mark,
        mark_id=mark_id,
        generation=_generation(tabs, live, mark),
        marks=tuple(known[0] for tab in tabs if (known := read_mark(tab))),
        leftovers=tuple(tab for tab in tabs if tab.title.startswith(STAGING_PREFIX)),
    )


def same_tab(one: str, other: str) -> bool:
    """Whether two names are those of one tab."""
    return one.casefold() == other.casefold()


def _renamed(tabs: tuple[Tab, ...], tab_name: str, job: str) -> Tab | None:
    """Return the one tab that carries the job's mark for this name, whatever it is called now."""
    marked = [
        tab
        for tab in tabs
        if (found := read_mark(tab)) and found[0].job == job and same_tab(found[0].tab, tab_name)
    ]
    return marked[0] if len(marked) == 1 else None


def _generation(tabs: tuple[Tab, ...], live: Tab | None, mark: Mark | None) -> Tab | None:
    if live is None:
        return None
    title = generation_title(live.id)
    return next(
        (tab for tab in tabs if tab.title == title or (mark is not None and tab.id == mark.generation)), None
    )


def generation_title(live_id: int) -> str:
    """Return the name of the hidden tab whose id is the generation of a live tab."""
    return f"{GENERATION_PREFIX}{live_id}"
