"""Progress of reading several files: bytes are estimated from rows, never decrease, and never exceed a file's size."""

from flask_endpoint.progress import BYTES_A_ROW, Progress, Reading


def test_bytes_of_first_file_are_estimated_and_limited_to_its_size():
    reading = Reading([("a", 10 * BYTES_A_ROW), ("b", 500)])
    total = 10 * BYTES_A_ROW + 500
    assert reading.at("a", 5) == Progress("reading", "a", 5, 5 * BYTES_A_ROW, total)
    assert reading.at("a", 50).bytes_read == 10 * BYTES_A_ROW


def test_finished_files_count_in_full_and_set_bytes_per_row_of_the_next():
    reading = Reading([("a", 1_000), ("letter", 50), ("b", 3_000)])
    reading.at("a", 95)
    assert reading.at("b", 100).bytes_read == 1_050 + int(5 * 1_050 / 95)
    assert reading.at("b", 10_000).bytes_read == 4_050


def test_bytes_read_never_decrease():
    reading = Reading([(name, 1_000) for name in "abcd"])
    seen = [reading.at(name, rows).bytes_read for rows, name in enumerate("aaabbbccccdd", start=1)]
    assert seen == sorted(seen)
