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
COMMENT ON COLUMN core.dim_artist.artist_id IS 'Spotify''s id, or x:artist:... where it is not known.';
COMMENT ON COLUMN core.dim_artist.name IS 'Spotify''s own, else that of the latest play over all listeners, smallest by bytes on a tie; null when nobody named it yet.';
COMMENT ON COLUMN core.dim_artist.popularity IS 'Spotify''s, 0 to 100, at load time; null when unknown.';
COMMENT ON COLUMN core.dim_artist.followers IS 'Followers at load time; null when unknown.';
COMMENT ON COLUMN core.dim_artist.genres IS 'Spotify''s genres; empty when it gives none, null when unknown.';
COMMENT ON COLUMN core.dim_artist.image_url IS 'Picture; null when unknown.';
COMMENT ON COLUMN core.dim_artist.load_id IS 'The load that last changed this row.';
