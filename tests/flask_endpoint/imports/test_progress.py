"""Progress of reading several files: bytes are estimated from rows, never decrease, and never exceed a file's size."""

from flask_endpoint.progress import BYTES_PER_ROW, Progress, ReadingProgress


def test_bytes_of_first_file_are_estimated_and_limited_to_its_size() -> None:
    reading = ReadingProgress([("a", 10 * BYTES_PER_ROW), ("b", 500)])
    total = 10 * BYTES_PER_ROW + 500
    assert reading.after(5, "a") == Progress("reading", "a", 5, 5 * BYTES_PER_ROW, total)
    assert reading.after(50, "a").bytes_read == 10 * BYTES_PER_ROW


def test_finished_files_count_in_full_and_set_bytes_per_row_of_the_next() -> None:
    reading = ReadingProgress([("a", 1_000), ("letter", 50), ("b", 3_000)])
    reading.after(95, "a")
    assert reading.after(100, "b").bytes_read == 1_050 + int(5 * 1_050 / 95)
    assert reading.after(10_000, "b").bytes_read == 4_050


def test_bytes_read_never_decrease() -> None:
    reading = ReadingProgress([(name, 1_000) for name in "abcd"])
    seen = [reading.after(rows, name).bytes_read for rows, name in enumerate("aaabbbccccdd", start=1)]
    assert seen == sorted(seen)
