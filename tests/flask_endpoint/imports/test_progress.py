"""Rows read become bytes read: exact between files, a guess within one, never backwards and never beyond it."""

from flask_endpoint.progress import BYTES_A_ROW, Progress, Reading


def test_within_the_first_file_the_bytes_are_guessed_and_never_more_than_it_has():
    reading = Reading([("a", 10 * BYTES_A_ROW), ("b", 500)])
    total = 10 * BYTES_A_ROW + 500
    assert reading.at("a", 5) == Progress("reading", "a", 5, 5 * BYTES_A_ROW, total)
    assert reading.at("a", 50).bytes_read == 10 * BYTES_A_ROW


def test_the_files_before_count_whole_and_tell_how_long_a_row_is():
    reading = Reading([("a", 1_000), ("letter", 50), ("b", 3_000)])
    reading.at("a", 95)
    assert reading.at("b", 100).bytes_read == 1_050 + int(5 * 1_050 / 95)
    assert reading.at("b", 10_000).bytes_read == 4_050


def test_it_never_goes_back():
    reading = Reading([(name, 1_000) for name in "abcd"])
    seen = [reading.at(name, rows).bytes_read for rows, name in enumerate("aaabbbccccdd", start=1)]
    assert seen == sorted(seen)
