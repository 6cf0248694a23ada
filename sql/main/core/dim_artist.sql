-- Grain: One row per artist that a play, a track, a track's credits or an album refers to.
CREATE TABLE core.dim_artist (
    artist_id  text COLLATE "C" NOT NULL,
    name       text,
    popularity integer,
    followers  bigint,
    genres     text[],
    image_url  text,
    load_id    bigint NOT NULL,
    PRIMARY KEY (artist_id)
);

COMMENT ON TABLE core.dim_artist IS
    'Grain: One row per artist that a play, a track, a track''s credits or an album refers to.';
COMMENT ON COLUMN core.dim_artist.artist_id IS 'Spotify''s id, or a provisional id x:artist:... while that is unknown.';
COMMENT ON COLUMN core.dim_artist.name IS 'The name that Spotify gives, else the name in the latest play of any listener (on a tie the smallest by bytes); null while no name is known.';
COMMENT ON COLUMN core.dim_artist.popularity IS 'Spotify''s popularity, 0 to 100, at load time; null when unknown.';
COMMENT ON COLUMN core.dim_artist.followers IS 'Number of followers on Spotify at load time; null when unknown.';
COMMENT ON COLUMN core.dim_artist.genres IS 'Genres that Spotify gives; empty when it gives none, null when Spotify was not asked.';
COMMENT ON COLUMN core.dim_artist.image_url IS 'URL of the picture; null when unknown.';
COMMENT ON COLUMN core.dim_artist.load_id IS 'The load that last changed this row.';
