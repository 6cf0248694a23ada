"""Rows read become bytes read: exact between files, a guess within one, never backwards and never beyond it."""

from flask_endpoint.progress import BYTES_PER_ROW, Progress, ReadingProgress


def test_within_the_first_file_the_bytes_are_guessed_and_never_more_than_it_has():
    reading = ReadingProgress([("a", 10 * BYTES_PER_ROW), ("b", 500)])
    total = 10 * BYTES_PER_ROW + 500
    assert reading.after(5, "a") == Progress("reading", "a", 5, 5 * BYTES_PER_ROW, total)
    assert reading.after(50, "a").bytes_read == 10 * BYTES_PER_ROW


def test_the_files_before_count_whole_and_tell_how_long_a_row_is():
    reading = ReadingProgress([("a", 1_000), ("letter", 50), ("b", 3_000)])
    reading.after(95, "a")
    assert reading.after(100, "b").bytes_read == 1_050 + int(5 * 1_050 / 95)
    assert reading.after(10_000, "b").bytes_read == 4_050


def test_it_never_goes_back():
    reading = ReadingProgress([(name, 1_000) for name in "abcd"])
    seen = [reading.after(rows, name).bytes_read for rows, name in enumerate("aaabbbccccdd", start=1)]
    assert seen == sorted(seen)
