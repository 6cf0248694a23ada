"""Files are recognised by name and content, and grouped into the exports that they came in."""

import pytest

from flask_endpoint.exports.recognise import (
    RecognisedFile,
    group_by_export,
    is_complete,
    recognise_by_content,
    recognise_by_name,
)
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED


def recognised(name: str) -> RecognisedFile:
    """Return the file that this name recognises."""
    found = recognise_by_name(name)
    assert found is not None, name
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("endsong_3.json", ("extended", "audio", 3, None)),
        ("endsong.json", ("extended", "audio", None, None)),
        ("endsong_0 (1).json", ("extended", "audio", 0, None)),
        ("Streaming_History_Video_2018-2024 (2).json", ("extended", "video", None, None)),
        ("Streaming_History_Audio_2014-2017_0.json", ("extended", "audio", 0, None)),
        ("Streaming_History_Audio_2017_12.json", ("extended", "audio", 12, None)),
        ("Streaming_History_Video_2018-2024.json", ("extended", "video", None, None)),
        ("StreamingHistory0.json", ("account", "music", 0, None)),
        ("StreamingHistory_music_1.json", ("account", "music", 1, None)),
        ("StreamingHistory_podcast_0.json", ("account", "podcast", 0, "episode")),
        ("StreamingHistory_audiobook_0.json", ("account", "audiobook", 0, "chapter")),
        ("Spotify Account Data/StreamingHistory_music_0.json", ("account", "music", 0, None)),
        ("Streaming_History_Audio_2024.json", ("extended", "audio", None, None)),
        ("Streaming_History_Audio_2024_1.json", ("extended", "audio", 1, None)),
        ("endvideo.json", ("extended", "video", None, None)),
        ("endvideo_0.json", ("extended", "video", 0, None)),
        ("ana_Streaming_History_Video_2024.json", ("extended", "video", None, None)),
        ("2021-03 endsong_2.json", ("extended", "audio", 2, None)),
        ("weekendsong_0.json", None),
        ("Playlist1.json", None),
        ("plays.json", None),
    ],
)
def test_names_that_spotify_gives_are_recognised(
    name: str, expected: tuple[str, str, int | None, str | None] | None
) -> None:
    found = recognise_by_name(name)
    assert (found and (found.origin, found.part, found.number, found.kind)) == expected


def test_content_has_precedence_over_name() -> None:
    account = recognise_by_content("endsong_0.json", [ACCOUNT])
    assert account and account.origin == "account"
    extended = recognise_by_content("anything.json", [None, 7, EXTENDED])
    assert extended and extended.origin == "extended"
    assert recognise_by_content("anything.json", [{"a": 1}]) is None


@pytest.mark.parametrize(
    ("names", "complete"),
    [
        (["endsong_0.json", "endsong_1.json"], True),
        (["endsong_3.json"], False),
        (["endsong_0.json", "endsong_2.json"], False),
        (["Streaming_History_Audio_2014_0.json", "Streaming_History_Video_2014.json"], True),
        (["endsong.json"], False),
        (["Streaming_History_Audio_2014-2017.json"], False),
        ([], False),
        (["Streaming_History_Audio_2024.json"], True),
        (["Streaming_History_Audio_2022.json", "Streaming_History_Audio_2024.json"], True),
        (["Streaming_History_Audio_2024.json", "Streaming_History_Audio_2024_1.json"], True),
        (["Streaming_History_Audio_2024.json", "Streaming_History_Audio_2024_2.json"], False),
        (["Streaming_History_Audio_2024.json", "Streaming_History_Audio_2025_1.json"], False),
        (["Streaming_History_Audio_2024_1.json"], False),
        (["Streaming_History_Audio_2023_0.json", "Streaming_History_Audio_2024_1.json"], True),
        (["Streaming_History_Audio_2025_1.json", "Streaming_History_Audio_2024.json"], False),
        (["Streaming_History_Video_2024.json"], False),
    ],
)
def test_export_is_complete_if_numbers_run_from_0_without_gap(names: list[str], complete: bool) -> None:
    assert is_complete([recognised(name) for name in names]) is complete


def test_export_has_files_of_one_folder_and_origin_with_distinct_numbers() -> None:
    names = ["a/endsong_0.json", "a/endsong_1.json", "b/endsong_0.json", "a/StreamingHistory0.json", "a/endsong_0.json"]
    assert group_by_export([(name[0], recognised(name)) for name in names]) == [[0, 1], [2], [3], [4]]


def test_files_named_by_year_are_one_export() -> None:
    years = ["Audio_2024", "Audio_2024_1", "Audio_2025", "Audio_2025_1", "Audio_2026_1", "Video_2024", "Video_2025"]
    names = [f"Streaming_History_{year}.json" for year in years]
    assert group_by_export([("", recognised(name)) for name in names]) == [[0, 1, 2, 3, 4, 5, 6]]


def test_two_exports_with_files_named_by_year_stay_apart() -> None:
    names = ["Streaming_History_Audio_2024.json", "Streaming_History_Audio_2024 (1).json"]
    assert group_by_export([("", recognised(name)) for name in names]) == [[0], [1]]


def test_numbers_of_older_names_continue_from_year_to_year() -> None:
    names = ["Audio_2017_0", "Audio_2018_1", "Audio_2018_2", "Audio_2017-2018_0", "Audio_2019_1"]
    files = [recognised(f"Streaming_History_{name}.json") for name in names]
    assert group_by_export([("", file) for file in files]) == [[0, 1, 2], [3, 4]]
    assert is_complete(files[:3]) and is_complete(files[3:])


def test_older_and_newer_names_in_one_folder_are_two_exports() -> None:
    names = ["Audio_2022_0", "Audio_2022-2023_1", "Audio_2024", "Audio_2024_1", "Video_2023"]
    files = [recognised(f"Streaming_History_{name}.json") for name in names]
    assert group_by_export([("", file) for file in files]) == [[0, 1, 4], [2, 3]]


def test_video_file_with_one_year_belongs_to_the_export_of_the_audio_files() -> None:
    older, newer = ["Audio_2023_0", "Video_2023"], ["Audio_2023", "Video_2023", "Video_2024"]
    for names in (older, newer):
        files = [recognised(f"Streaming_History_{name}.json") for name in names]
        assert group_by_export([("", file) for file in files]) == [list(range(len(names)))]
