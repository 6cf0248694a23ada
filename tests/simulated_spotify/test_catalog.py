"""The generated catalog has Spotify's formats and irregularities, and is always the same."""

import hashlib
import re
from collections import Counter

import pytest

from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.music.items import Catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalog_of("simulated")


def test_seed_determines_names_and_ids(catalog: Catalog) -> None:
    listed = "\n".join(f"{track.id} {track.title} {track.duration_ms}" for track in catalog.tracks.values())
    assert hashlib.sha256(listed.encode()).hexdigest()[:16] == "9d5ffb6ac5b7fbc1"
    assert catalog_of("another").tracks.keys().isdisjoint(catalog.tracks)


def test_catalog_has_expected_size(catalog: Catalog) -> None:
    assert (len(catalog.artists), len(catalog.albums)) == (60, 150)
    assert 1_400 <= len(catalog.tracks) <= 1_700


def test_ids_are_unique_and_have_22_base_62_digits(catalog: Catalog) -> None:
    ids = [*catalog.artists, *catalog.albums, *catalog.tracks, *catalog.episodes]
    assert all(re.fullmatch(r"[0-9A-Za-z]{22}", own_id) for own_id in ids)
    assert len(set(ids)) == len(ids)


def test_artist_names_are_unique(catalog: Catalog) -> None:
    assert len({artist.name.casefold() for artist in catalog.artists.values()}) == len(catalog.artists)


def test_one_artist_has_no_image(catalog: Catalog) -> None:
    assert [artist.image for artist in catalog.artists.values()].count(None) == 1


def test_release_dates_have_year_month_or_day_precision(catalog: Catalog) -> None:
    assert [album.release_precision for album in catalog.albums.values() if album.release_date == "1975"] == ["year"]
    assert {album.release_precision for album in catalog.albums.values()} == {"year", "month", "day"}


def test_albums_have_all_types_and_1_to_18_tracks(catalog: Catalog) -> None:
    assert {album.album_type for album in catalog.albums.values()} == {"album", "single", "compilation"}
    lengths = [len(album.tracks) for album in catalog.albums.values()]
    assert (min(lengths), max(lengths)) == (1, 18)


def test_track_numbers_are_unique_per_disc(catalog: Catalog) -> None:
    for album in catalog.albums.values():
        numbers = Counter((track.disc_number, track.track_number) for track in album.tracks)
        assert set(numbers.values()) == {1}
        assert min(numbers) == (1, 1)
    assert any(track.disc_number == 2 for track in catalog.tracks.values())


def test_some_tracks_have_several_artists_and_album_artist_is_first(catalog: Catalog) -> None:
    shared = sum(len(track.artist_ids) > 1 for track in catalog.tracks.values())
    assert 0.10 <= shared / len(catalog.tracks) <= 0.20
    for track in catalog.tracks.values():
        assert track.artist_ids[0] == catalog.albums[track.album_id].artist_id


def test_album_titles_are_unique_per_artist(catalog: Catalog) -> None:
    titles = Counter((album.artist_id, album.title) for album in catalog.albums.values())
    assert set(titles.values()) == {1}


def test_some_tracks_are_reissued_with_another_id(catalog: Catalog) -> None:
    names = Counter((track.artist_ids[0], track.title) for track in catalog.tracks.values())
    assert sum(count > 1 for count in names.values()) > 50


def test_all_tracks_are_longer_than_30_seconds(catalog: Catalog) -> None:
    assert min(track.duration_ms for track in catalog.tracks.values()) > 30_000
