-- Grain: One row per album that a play or a track refers to.
CREATE TABLE core.dim_album (
    album_id          text COLLATE "C" NOT NULL,
    title             text,
    artist_id         text COLLATE "C",
    album_type        text,
    total_tracks      integer,
    release_date      date,
    release_precision text,
    label             text,
    popularity        integer,
    image_url         text,
    load_id           bigint NOT NULL,
    PRIMARY KEY (album_id)
);
CREATE INDEX ON core.dim_album (artist_id);  -- finds whether an artist is still referred to

COMMENT ON TABLE core.dim_album IS
    'Grain: One row per album that a play or a track refers to.';
COMMENT ON COLUMN core.dim_album.album_id IS 'Spotify''s id, or a provisional id x:album:... while that is unknown.';
COMMENT ON COLUMN core.dim_album.title IS 'The name that Spotify gives, else the name in the latest play of any listener (on a tie the smallest by bytes); null while no name is known.';
COMMENT ON COLUMN core.dim_album.artist_id IS 'First credited artist that Spotify gives, else the artist of the latest play; null when unknown.';
COMMENT ON COLUMN core.dim_album.album_type IS 'album, single or compilation, as Spotify gives it; null when unknown.';
COMMENT ON COLUMN core.dim_album.total_tracks IS 'Number of tracks on the album; null when unknown.';
COMMENT ON COLUMN core.dim_album.release_date IS 'Release date; the first day of the month or year when only that is known; null when unknown.';
COMMENT ON COLUMN core.dim_album.release_precision IS 'Precision of release_date: day, month or year; null when unknown.';
COMMENT ON COLUMN core.dim_album.label IS 'Record label; null when unknown.';
COMMENT ON COLUMN core.dim_album.popularity IS 'Spotify''s popularity, 0 to 100, at load time; null when unknown.';
COMMENT ON COLUMN core.dim_album.image_url IS 'URL of the cover; null when unknown.';
COMMENT ON COLUMN core.dim_album.load_id IS 'The load that last changed this row.';
