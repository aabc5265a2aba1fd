"""What can be wrong with a place to publish to.

    PublishRefused         a person must act; asking again changes nothing
    ├── StaleRun           a later run of the report is there already
    ├── SheetFull          the spreadsheet cannot hold the report
    ├── NoAccess           no credentials, not shared with us, or not there
    └── ExtraMissing       an optional part of Shelfbeat is not installed

What may pass by itself is `reports.errors.Unavailable`.
"""


class PublishRefused(Exception):  # noqa: N818 - the name says what it is
    """The report cannot go where the definition says. `advice` is what a person can do."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what, advice)  # all arguments up: errors cross processes
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}. {self.advice}" if self.advice else self.what


class StaleRun(PublishRefused):
    """A later run of the report is there already; this one must not replace it."""


class SheetFull(PublishRefused):
    """The spreadsheet cannot hold the report, staging included."""


class NoAccess(PublishRefused):
    """No credentials, no permission, or no such spreadsheet."""


class ExtraMissing(PublishRefused):
    """An optional part is not installed."""
