"""Numbers in sentences."""

from reports.wording import counted


def test_one_thing_is_named_as_one_and_all_other_numbers_as_many() -> None:
    assert [counted(number, "job") for number in (0, 1, 2, 1_204)] == [
        "0 jobs",
        "1 job",
        "2 jobs",
        "1,204 jobs",
    ]
    assert counted(1, "batch", "batches") == "1 batch"
    assert counted(2, "batch", "batches") == "2 batches"
