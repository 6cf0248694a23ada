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
CREATE INDEX ON core.dim_track (artist_id);  -- finds whether an artist is still referred to
CREATE INDEX ON core.dim_track (album_id);  -- finds whether an album is still referred to

COMMENT ON TABLE core.dim_track IS
    'Grain: One row per track, episode or chapter that a play refers to.';
COMMENT ON COLUMN core.dim_track.track_id IS 'Spotify''s id, or a provisional id x:track:..., x:episode:... or x:chapter:... while that is unknown.';
COMMENT ON COLUMN core.dim_track.title IS 'The name that Spotify gives, else the name in the latest play of any listener (on a tie the smallest by bytes); null while no name is known.';
COMMENT ON COLUMN core.dim_track.artist_id IS 'First credited artist that Spotify gives, else the artist of the latest play; null for episodes and chapters.';
COMMENT ON COLUMN core.dim_track.album_id IS 'Album that Spotify gives, else the album of the latest play; null when unknown, and for episodes and chapters.';
COMMENT ON COLUMN core.dim_track.duration_ms IS 'Duration in milliseconds; null when unknown.';
COMMENT ON COLUMN core.dim_track.explicit IS 'Whether Spotify marks the track as explicit; null when unknown.';
COMMENT ON COLUMN core.dim_track.popularity IS 'Spotify''s popularity, 0 to 100, at load time; null when unknown.';
COMMENT ON COLUMN core.dim_track.isrc IS 'International Standard Recording Code (ISRC); null when unknown.';
COMMENT ON COLUMN core.dim_track.track_number IS 'Position on the disc, from 1; null when unknown.';
COMMENT ON COLUMN core.dim_track.disc_number IS 'Number of the disc, from 1; null when unknown.';
COMMENT ON COLUMN core.dim_track.load_id IS 'The load that last changed this row.';
