"""A row of a catalog file, its ids, and the query for the tracks that are stored."""

ONE, TWO = "0000000000000000000001", "0000000000000000000002"
ALBUM, ARTIST = "00000000000000000000a1", "00000000000000000000p1"
ROW = {
    "track_id": ONE, "track_name": "Gloria", "track_artist": "Patti Smith", "track_popularity": "66", "track_album_id": ALBUM,
    "track_album_name": "Horses", "track_album_release_date": "1975-11", "playlist_name": "Punk", "duration_ms": "354000",
}  # fmt: skip
TRACKS = "SELECT title, album_id, duration_ms, popularity, is_from_file FROM raw.catalog_track ORDER BY track_id"
