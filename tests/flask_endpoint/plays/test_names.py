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
def test_names_are_compared_without_case_form_and_spacing(name, key):
    assert normalise(name) == key


def test_a_provisional_id_is_the_contracts():
    assert provisional_id("artist", normalise("Adele")) == "x:artist:3e4e823f00a094bc933cb5b9f65b2d5a"


def test_names_are_joined_so_that_no_two_pairs_are_alike():
    assert names_id("a", "b c") != names_id("a b", "c")


def test_half_a_pair_of_names_is_never_the_same_as_another():
    assert names_id("adele", None) is None
    assert names_id(None, "hello") is None
