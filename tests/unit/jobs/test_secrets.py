from pathlib import Path

import pytest

from jobs.secrets import Environment, Files, MissingSecret, is_reference, reference_names, resolve


def test_the_first_provider_that_knows_a_secret_answers(tmp_path: Path) -> None:
    (tmp_path / "TOKEN").write_text("from a file\n")
    providers = (Environment({"OTHER": "x"}), Files(tmp_path))
    assert resolve("secret:TOKEN", providers) == "from a file"
    assert resolve("secret:TOKEN", (Environment({"TOKEN": "first"}), *providers)) == "first"


def test_what_is_no_reference_stays_as_it_is() -> None:
    assert resolve("mailto://team@acme.example", ()) == "mailto://team@acme.example"


def test_a_missing_secret_is_named_with_the_places_looked_in(tmp_path: Path) -> None:
    with pytest.raises(MissingSecret) as caught:
        resolve("secret:TOKEN", (Environment({}), Files(tmp_path)))
    assert str(caught.value) == f"secret TOKEN is not set; looked in the environment, files in {tmp_path}"


def test_an_empty_secret_is_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "TOKEN").write_text("\n")
    with pytest.raises(MissingSecret):
        resolve("secret:TOKEN", (Environment({"TOKEN": ""}), Files(tmp_path)))


def test_a_file_that_is_no_text_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "TOKEN").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MissingSecret, match="TOKEN is not set"):
        resolve("secret:TOKEN", (Files(tmp_path),))


@pytest.mark.parametrize("name", ["../outside", "..", "/etc/passwd"])
def test_a_secret_never_comes_from_outside_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_text("no")
    (tmp_path / "in").mkdir()
    assert Files(tmp_path / "in")(name) is None


@pytest.mark.parametrize(
    "text", ["secret:", "secret:A B", "secret:1A", "Secret:A", "a secret:A", "secret:../A", "secret:A\n"]
)
def test_only_the_form_secret_name_is_a_reference(text: str) -> None:
    assert not is_reference(text)


def test_the_names_of_references_are_told_once_and_in_order() -> None:
    assert reference_names(["secret:B", "mailto:x", "secret:A", "secret:B"]) == ("B", "A")
