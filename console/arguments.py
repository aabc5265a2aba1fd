"""Arguments that several commands take, with their help."""

from typing import Annotated

import typer

JobName = Annotated[str, typer.Argument(help="Name of the job, as `shelfbeat jobs list` shows it.")]
RunId = Annotated[str, typer.Argument(help="Id of the run, as `shelfbeat runs list` shows it.")]
VariableName = Annotated[
    str, typer.Argument(help="Name of the Variable: capital letters, digits and _, as in ${NAME}.")
]
