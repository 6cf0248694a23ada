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
CREATE INDEX ON core.dim_album (artist_id);  -- is an artist still referred to?

COMMENT ON TABLE core.dim_album IS
    'Grain: One row per album that a play or a track refers to.';
COMMENT ON COLUMN core.dim_album.album_id IS 'Spotify''s id, or x:album:... where it is not known.';
COMMENT ON COLUMN core.dim_album.title IS 'Spotify''s own, else that of the latest play over all listeners, smallest by bytes on a tie; null when nobody named it yet.';
COMMENT ON COLUMN core.dim_album.artist_id IS 'First credited artist, else the artist of the latest play; null when unknown.';
COMMENT ON COLUMN core.dim_album.album_type IS 'album, single, compilation as Spotify says; null when unknown.';
COMMENT ON COLUMN core.dim_album.total_tracks IS 'Tracks on the album; null when unknown.';
COMMENT ON COLUMN core.dim_album.release_date IS 'Release; the first of the month or year where coarser; null when unknown.';
COMMENT ON COLUMN core.dim_album.release_precision IS 'day, month or year; null when unknown.';
COMMENT ON COLUMN core.dim_album.label IS 'Record label; null when unknown.';
COMMENT ON COLUMN core.dim_album.popularity IS 'Spotify''s, 0 to 100, at load time; null when unknown.';
COMMENT ON COLUMN core.dim_album.image_url IS 'Cover; null when unknown.';
COMMENT ON COLUMN core.dim_album.load_id IS 'The load that last changed this row.';
