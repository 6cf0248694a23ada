"""Names are normalised for comparison, and hashed into provisional ids."""

import pytest

from flask_endpoint.plays.names import names_id, normalise, provisional_id


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Adele", "adele"),
        ("  Two \t\n Words ", "two words"),
        ("Stra\u00dfe", "strasse"),
        ("BJO\u0308RK", "bj\u00f6rk"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("a\u00a0b", "a b"),
        (" \t ", None),
        ("", None),
        (None, None),
    ],
)
def test_normalised_name_ignores_case_unicode_form_and_spacing(name: str | None, key: str | None) -> None:
    assert normalise(name) == key


def test_provisional_id_equals_the_data_contracts_example() -> None:
    assert provisional_id("artist", normalise("Adele")) == "x:artist:3e4e823f00a094bc933cb5b9f65b2d5a"


def test_different_pairs_of_names_have_different_hashes() -> None:
    assert names_id("a", "b c") != names_id("a b", "c")


def test_incomplete_pair_of_names_has_no_hash() -> None:
    assert names_id("adele", None) is None
    assert names_id(None, "hello") is None
