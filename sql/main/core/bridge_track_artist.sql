-- Grain: One row per track and credited artist.
-- A track that Spotify has not described has its one known artist at position 0. An episode or a chapter has no row.
CREATE TABLE core.bridge_track_artist (
    track_id  text COLLATE "C" NOT NULL,
    position  integer NOT NULL,
    artist_id text COLLATE "C" NOT NULL,
    load_id   bigint NOT NULL,
    PRIMARY KEY (track_id, position)
);
CREATE INDEX ON core.bridge_track_artist (artist_id);  -- finds whether an artist is still referred to

COMMENT ON TABLE core.bridge_track_artist IS
    'Grain: One row per track and credited artist. A track that Spotify has not described has its one known artist at position 0. An episode or a chapter has no row.';
COMMENT ON COLUMN core.bridge_track_artist.track_id IS 'The track.';
COMMENT ON COLUMN core.bridge_track_artist.position IS 'Position in the credits, from 0; the artist at position 0 is dim_track.artist_id.';
COMMENT ON COLUMN core.bridge_track_artist.artist_id IS 'The credited artist.';
COMMENT ON COLUMN core.bridge_track_artist.load_id IS 'The load that last changed this row.';
