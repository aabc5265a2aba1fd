"""`shelfbeat notify …`: whether messages arrive."""

import secrets
from typing import Annotated

import typer

from console.arguments import JobName
from console.catalogue import catalogue as read
from console.catalogue import job_in_force
from console.output import DONE, RUN_FAILED, WRONG_USAGE, console, print_json, print_table, stop
from exporters.messages.delivery import deliver
from jobs.definition import Report
from jobs.job import Job
from jobs.secrets import MissingSecret, resolve
from reports.errors import Unavailable
from reports.message import Message
from reports.template_trial import sample_message
from tasks.secrets import secret_providers
from tasks.settings import settings

app = typer.Typer(help="Messages: whether they arrive.", no_args_is_help=True)


@app.command("test")
def send_test(
    job: JobName,
    sample: Annotated[
        bool, typer.Option("--sample", help="Send a report of made-up figures, in the job's own words.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Send a test message to everybody whom a job tells, and show what each channel answered.

    Exit code 1 when one did not take it.
    """
    report = job_in_force(read(), job)
    if sample and not isinstance(report, Report):
        stop(f"--sample: {job} is no report", WRONG_USAGE)
    message = sample_message(report) if sample and isinstance(report, Report) else _message(report)
    answers = [_send(address, report.job, message) for address in addresses(report)]
    if as_json:
        print_json([{"channel": name, "delivered": taken, "answer": said} for name, taken, said in answers])
    else:
        rows = [(name, "delivered" if taken else "NOT delivered", said) for name, taken, said in answers]
        if answers:
            print_table(("channel", "", "answer"), rows)
        else:
            console.print(f"{job} tells nobody: its definition has no notify")
    raise typer.Exit(DONE if all(taken for _, taken, _ in answers) else RUN_FAILED)


def addresses(report: Job) -> tuple[str, ...]:
    """Return everybody whom a job may tell, each once."""
    return tuple(dict.fromkeys((*report.notify, *(to for rule in report.escalation for to in rule.to))))


def _send(reference: str, job: str, message: Message) -> tuple[str, bool, str]:
    try:
        address = resolve(reference, secret_providers(settings()))
    except (MissingSecret, Unavailable) as error:
        return reference, False, str(error)
    delivery = deliver(address, message, f"test-{job}-{secrets.token_hex(4)}", reference)
    return delivery.channel, delivery.ok, delivery.answer


def _message(report: Job) -> Message:
    who = f"{report.customer} · {report.job}" if report.customer else report.job
    text = "A test of Shelfbeat's messages: what this job has to say will arrive here. Nothing else is to be done."
    return Message(f"{who}: test message", text, f"<p>{text}</p>", "delivered")
