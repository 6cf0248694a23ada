"""A listener's history in one row."""

from spark_scripts.transformations.listener_summary import listener_summary


def test_a_history_in_one_row(frame, rows):
    plays = frame(
        "fct_play",
        {"ended_at": "2026-01-01 10:00:00", "track_id": "t1", "artist_id": "r1", "album_id": "a1", "ms_played": 40_000},
        {"ended_at": "2026-01-02 10:00:00", "track_id": "t2", "artist_id": None, "album_id": None, "ms_played": None},
        {
            "ended_at": "2026-01-04 10:00:00.5",
            "track_id": "t1",
            "artist_id": "r1",
            "album_id": "a1",
            "ms_played": 40_000,
        },
    )
    found = frame(
        "listening_session",
        {"listener_id": "bob", "started_at": "2026-01-01 09:00:00", "ended_at": "2026-01-01 10:00:00"},
        {"listener_id": "bob", "started_at": "2026-01-02 09:00:00", "ended_at": "2026-01-02 10:00:00.001"},
    )
    summary = listener_summary(plays, found)
    assert rows(summary, "listener_id", "first_played_at", "last_played_at", "play_count", "listened_ms") == [
        ("bob", "2026-01-01 10:00:00", "2026-01-04 10:00:00.5", 3, 80_000)
    ]
    assert rows(summary, "track_count", "artist_count", "album_count", "day_count", "longest_streak_days") == [
        (2, 1, 1, 3, 2)
    ]
    assert rows(summary, "longest_session_ms", "busiest_day") == [(3_600_001, "2026-01-01")]


def test_without_a_counted_play_there_is_no_row(frame, rows):
    found = frame(
        "listening_session",
        {"listener_id": "bob", "started_at": "2026-01-01 09:00:00", "ended_at": "2026-01-01 10:00:00"},
    )
    assert rows(listener_summary(frame("fct_play"), found)) == []
