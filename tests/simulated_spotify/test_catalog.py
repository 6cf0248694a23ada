"""The made-up music has Spotify's forms, its irregularities, and never changes."""

import hashlib
import re
from collections import Counter

import pytest

from simulated_spotify.catalog import catalog_of
from simulated_spotify.music import Catalog


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalog_of("simulated")


def test_a_seed_always_gives_the_same_names_and_ids(catalog: Catalog) -> None:
    listed = "\n".join(f"{track.id} {track.title} {track.duration_ms}" for track in catalog.tracks.values())
    assert hashlib.sha256(listed.encode()).hexdigest()[:16] == "9d5ffb6ac5b7fbc1"
    assert catalog_of("another").tracks.keys().isdisjoint(catalog.tracks)


def test_it_is_large_enough_to_have_habits_in(catalog: Catalog) -> None:
    assert (len(catalog.artists), len(catalog.albums)) == (60, 150)
    assert 1_400 <= len(catalog.tracks) <= 1_700


def test_ids_are_22_digits_of_base_62(catalog: Catalog) -> None:
    ids = [*catalog.artists, *catalog.albums, *catalog.tracks, *catalog.episodes]
    assert all(re.fullmatch(r"[0-9A-Za-z]{22}", own_id) for own_id in ids)
    assert len(set(ids)) == len(ids)


def test_artists_have_names_of_their_own(catalog: Catalog) -> None:
    assert len({artist.name.casefold() for artist in catalog.artists.values()}) == len(catalog.artists)


def test_one_artist_has_no_picture(catalog: Catalog) -> None:
    assert [artist.image for artist in catalog.artists.values()].count(None) == 1


def test_one_album_is_dated_by_its_year_alone_and_others_by_month_or_day(catalog: Catalog) -> None:
    assert [album.release_precision for album in catalog.albums.values() if album.release_date == "1975"] == ["year"]
    assert {album.release_precision for album in catalog.albums.values()} == {"year", "month", "day"}


def test_albums_are_of_every_type_and_have_1_to_18_tracks(catalog: Catalog) -> None:
    assert {album.album_type for album in catalog.albums.values()} == {"album", "single", "compilation"}
    lengths = [len(album.tracks) for album in catalog.albums.values()]
    assert (min(lengths), max(lengths)) == (1, 18)


def test_tracks_are_numbered_within_their_disc(catalog: Catalog) -> None:
    for album in catalog.albums.values():
        numbers = Counter((track.disc_number, track.track_number) for track in album.tracks)
        assert set(numbers.values()) == {1}
        assert min(numbers) == (1, 1)
    assert any(track.disc_number == 2 for track in catalog.tracks.values())


def test_about_a_seventh_of_the_tracks_has_several_artists_its_albums_first(catalog: Catalog) -> None:
    shared = sum(len(track.artist_ids) > 1 for track in catalog.tracks.values())
    assert 0.10 <= shared / len(catalog.tracks) <= 0.20
    for track in catalog.tracks.values():
        assert track.artist_ids[0] == catalog.albums[track.album_id].artist_id


def test_no_artist_has_two_albums_of_one_title(catalog: Catalog) -> None:
    titles = Counter((album.artist_id, album.title) for album in catalog.albums.values())
    assert set(titles.values()) == {1}


def test_some_tracks_come_again_on_another_album_under_another_id(catalog: Catalog) -> None:
    names = Counter((track.artist_ids[0], track.title) for track in catalog.tracks.values())
    assert sum(count > 1 for count in names.values()) > 50


def test_every_track_lasts_long_enough_to_be_counted(catalog: Catalog) -> None:
    assert min(track.duration_ms for track in catalog.tracks.values()) > 30_000
