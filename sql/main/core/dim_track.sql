-- Grain: One row per track, episode or chapter that a play refers to.
CREATE TABLE core.dim_track (
    track_id     text COLLATE "C" NOT NULL,
    title        text,
    artist_id    text COLLATE "C",
    album_id     text COLLATE "C",
    duration_ms  bigint,
    explicit     boolean,
    popularity   integer,
    isrc         text,
    track_number integer,
    disc_number  integer,
    load_id      bigint NOT NULL,
    PRIMARY KEY (track_id)
);
CREATE INDEX ON core.dim_track (artist_id);  -- is an artist still referred to?
CREATE INDEX ON core.dim_track (album_id);  -- is an album still referred to?

COMMENT ON TABLE core.dim_track IS
    'Grain: One row per track, episode or chapter that a play refers to.';
COMMENT ON COLUMN core.dim_track.track_id IS 'Spotify''s id, or x:track:..., x:episode:..., x:chapter:... where it is not known.';
COMMENT ON COLUMN core.dim_track.title IS 'Spotify''s own, else that of the latest play over all listeners, smallest by bytes on a tie; null when nobody named it yet.';
COMMENT ON COLUMN core.dim_track.artist_id IS 'First credited artist, else the artist of the latest play; null for episodes and chapters.';
COMMENT ON COLUMN core.dim_track.album_id IS 'Spotify''s album of the track, else that of the latest play; null when unknown, and for episodes and chapters.';
COMMENT ON COLUMN core.dim_track.duration_ms IS 'Length; null when unknown.';
COMMENT ON COLUMN core.dim_track.explicit IS 'Whether marked explicit; null when unknown.';
COMMENT ON COLUMN core.dim_track.popularity IS 'Spotify''s, 0 to 100, at load time; null when unknown.';
COMMENT ON COLUMN core.dim_track.isrc IS 'International recording code; null when unknown.';
COMMENT ON COLUMN core.dim_track.track_number IS 'Place on its disc, from 1; null when unknown.';
COMMENT ON COLUMN core.dim_track.disc_number IS 'Disc, from 1; null when unknown.';
COMMENT ON COLUMN core.dim_track.load_id IS 'The load that last changed this row.';
