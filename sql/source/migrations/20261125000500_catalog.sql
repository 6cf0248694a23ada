-- migrate:up
-- Grain: one row per track that Spotify describes.
CREATE TABLE raw.catalog_track (
    track_id     text        COLLATE "C" PRIMARY KEY,
    title        text        NOT NULL,
    title_key    text        COLLATE "C" NOT NULL,
    album_id     text        COLLATE "C",
    artist_ids   text[]      COLLATE "C" NOT NULL,
    duration_ms  integer,
    explicit     boolean,
    popularity   integer,
    isrc         text,
    track_number integer,
    disc_number  integer,
    fetched_at   timestamptz
);
CREATE INDEX catalog_track_album ON raw.catalog_track (album_id);
CREATE INDEX catalog_track_artist ON raw.catalog_track USING gin (artist_ids);
COMMENT ON TABLE raw.catalog_track IS 'One row per track that Spotify describes.';
COMMENT ON COLUMN raw.catalog_track.track_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.catalog_track.title IS 'Spotify''s title.';
COMMENT ON COLUMN raw.catalog_track.title_key IS 'Normalised title.';
COMMENT ON COLUMN raw.catalog_track.album_id IS 'Album of the track.';
COMMENT ON COLUMN raw.catalog_track.artist_ids IS 'Artists in credit order.';
COMMENT ON COLUMN raw.catalog_track.duration_ms IS 'Duration in milliseconds.';
COMMENT ON COLUMN raw.catalog_track.explicit IS 'Whether Spotify marks it as explicit; null when unknown.';
COMMENT ON COLUMN raw.catalog_track.popularity IS 'Spotify''s popularity, 0 to 100; null when Spotify does not give it to the app.';
COMMENT ON COLUMN raw.catalog_track.isrc IS 'International Standard Recording Code.';
COMMENT ON COLUMN raw.catalog_track.track_number IS 'Position on the disc.';
COMMENT ON COLUMN raw.catalog_track.disc_number IS 'Number of the disc.';
COMMENT ON COLUMN raw.catalog_track.fetched_at IS 'When Spotify''s catalog was read for it; null while it is known only from a play.';

-- Grain: one row per album that Spotify describes.
CREATE TABLE raw.catalog_album (
    album_id          text        COLLATE "C" PRIMARY KEY,
    title             text        NOT NULL,
    title_key         text        COLLATE "C" NOT NULL,
    artist_ids        text[]      COLLATE "C" NOT NULL,
    album_type        text,
    total_tracks      integer,
    release_date      date,
    release_precision text,
    label             text,
    popularity        integer,
    image_url         text,
    fetched_at        timestamptz
);
CREATE INDEX catalog_album_artist ON raw.catalog_album USING gin (artist_ids);
COMMENT ON TABLE raw.catalog_album IS 'One row per album that Spotify describes.';
COMMENT ON COLUMN raw.catalog_album.album_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.catalog_album.title IS 'Spotify''s title.';
COMMENT ON COLUMN raw.catalog_album.title_key IS 'Normalised title.';
COMMENT ON COLUMN raw.catalog_album.artist_ids IS 'Artists in credit order.';
COMMENT ON COLUMN raw.catalog_album.album_type IS 'album, single or compilation.';
COMMENT ON COLUMN raw.catalog_album.total_tracks IS 'Number of tracks; null when unknown.';
COMMENT ON COLUMN raw.catalog_album.release_date IS 'Release date; the first day of the month or year when Spotify gives only that.';
COMMENT ON COLUMN raw.catalog_album.release_precision IS 'Precision of release_date: day, month or year.';
COMMENT ON COLUMN raw.catalog_album.label IS 'As Spotify gives it; null when Spotify does not give it to the app.';
COMMENT ON COLUMN raw.catalog_album.popularity IS 'Spotify''s popularity, 0 to 100; null when Spotify does not give it to the app.';
COMMENT ON COLUMN raw.catalog_album.image_url IS 'URL of the cover.';
COMMENT ON COLUMN raw.catalog_album.fetched_at IS 'When Spotify''s catalog was read for it; null while it is known only from a play.';

-- Grain: one row per artist that Spotify describes.
CREATE TABLE raw.catalog_artist (
    artist_id  text        COLLATE "C" PRIMARY KEY,
    name       text        NOT NULL,
    name_key   text        COLLATE "C" NOT NULL,
    popularity integer,
    followers  integer,
    genres     text[],
    image_url  text,
    fetched_at timestamptz
);
COMMENT ON TABLE raw.catalog_artist IS 'One row per artist that Spotify describes.';
COMMENT ON COLUMN raw.catalog_artist.artist_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.catalog_artist.name IS 'Spotify''s name.';
COMMENT ON COLUMN raw.catalog_artist.name_key IS 'Normalised name.';
COMMENT ON COLUMN raw.catalog_artist.popularity IS 'Spotify''s popularity, 0 to 100; null when Spotify does not give it to the app.';
COMMENT ON COLUMN raw.catalog_artist.followers IS 'As Spotify gives it; null when Spotify does not give it to the app.';
COMMENT ON COLUMN raw.catalog_artist.genres IS 'As Spotify gives it; null when Spotify does not give it to the app.';
COMMENT ON COLUMN raw.catalog_artist.image_url IS 'URL of a picture.';
COMMENT ON COLUMN raw.catalog_artist.fetched_at IS 'When Spotify''s catalog was read for it; null while it is known only from a play.';

-- Grain: one row per provisional id, Spotify id and source that shows that both have the same names.
CREATE TABLE raw.id_evidence (
    provisional_id text COLLATE "C" NOT NULL,
    spotify_id     text COLLATE "C" NOT NULL,
    source         text COLLATE "C" NOT NULL,
    PRIMARY KEY (provisional_id, spotify_id, source)
);
CREATE INDEX id_evidence_source ON raw.id_evidence (source);
COMMENT ON TABLE raw.id_evidence IS 'One row per provisional id, Spotify id and source that shows that both have the same normalised names.';
COMMENT ON COLUMN raw.id_evidence.provisional_id IS 'Provisional id: x:track:, x:artist:, x:album:, x:episode: or x:chapter: and a hash.';
COMMENT ON COLUMN raw.id_evidence.spotify_id IS 'Spotify''s id with the same names.';
COMMENT ON COLUMN raw.id_evidence.source IS 'Source of the evidence: the listener whose rows have it, or catalog:<id> for a catalog item.';

-- Grain: one row per provisional id that has a Spotify id.
CREATE TABLE raw.id_map (
    provisional_id text COLLATE "C" PRIMARY KEY,
    spotify_id     text COLLATE "C" NOT NULL
);
CREATE INDEX id_map_spotify ON raw.id_map (spotify_id);
COMMENT ON TABLE raw.id_map IS 'One row per provisional id that has a Spotify id: the smallest in raw.id_evidence.';
COMMENT ON COLUMN raw.id_map.provisional_id IS 'The provisional id.';
COMMENT ON COLUMN raw.id_map.spotify_id IS 'The Spotify id.';

-- Grain: one row per listener and own id in their plays.
CREATE TABLE raw.item_use (
    item_id     text COLLATE "C" NOT NULL,
    listener_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (item_id, listener_id)
);
CREATE INDEX item_use_listener ON raw.item_use (listener_id);
COMMENT ON TABLE raw.item_use IS 'One row per listener and own id in their plays. A change of the item raises the versions of these listeners.';
COMMENT ON COLUMN raw.item_use.item_id IS 'track_id, artist_id or album_id of a play.';
COMMENT ON COLUMN raw.item_use.listener_id IS 'The listener who played it.';

-- migrate:down
