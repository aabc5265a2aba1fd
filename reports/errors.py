"""The error roots, by what we do about them.

`PageError` becomes a row that says why. `Unavailable` is retried with backoff. The third root,
`InvalidDefinition` (jobs.errors), goes to a person at once.
"""


class PageError(Exception):
    """A page gave no product. `failure` is the word for the row (reports.failure), `detail` the sentence."""

    def __init__(self, failure: str, detail: str) -> None:
        super().__init__(failure, detail)  # all arguments up: errors cross processes
        self.failure = failure
        self.detail = detail


class Unavailable(Exception):  # noqa: N818 - the name says what it is
    """A service we need does not answer as it should; what was asked may be asked again."""

    def __init__(self, service: str, detail: str) -> None:
        super().__init__(service, detail)
        self.service = service
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.service}: {self.detail}"
