"""Which messages lead a run on."""

from tasks.chain import batch_signature, priority


def test_first_batches_of_a_report_go_ahead_of_the_later_ones_of_a_larger_one() -> None:
    priorities = [priority(batch) for batch in range(4_000)]
    assert priorities == sorted(priorities)
    assert (priorities[0], priorities[1], priorities[3], priorities[255], priorities[256]) == (0, 1, 2, 8, 9)
    assert max(priorities) == 9  # the transport has ten lists a queue


def test_the_task_of_a_batch_carries_ids_and_its_priority() -> None:
    signature = batch_signature("run-1", 5)
    assert (signature.args, signature.options["priority"]) == (("run-1", 5), 3)
