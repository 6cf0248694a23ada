-- migrate:up
-- Grain: one row per track Spotify told about.
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
COMMENT ON TABLE raw.catalog_track IS 'One row per track Spotify told about.';
COMMENT ON COLUMN raw.catalog_track.track_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.catalog_track.title IS 'Spotify''s title.';
COMMENT ON COLUMN raw.catalog_track.title_key IS 'Normalised title.';
COMMENT ON COLUMN raw.catalog_track.album_id IS 'The album it is on.';
COMMENT ON COLUMN raw.catalog_track.artist_ids IS 'Its artists in credit order.';
COMMENT ON COLUMN raw.catalog_track.duration_ms IS 'Length in milliseconds.';
COMMENT ON COLUMN raw.catalog_track.explicit IS 'Whether it has explicit lyrics; null when unknown.';
COMMENT ON COLUMN raw.catalog_track.popularity IS '0 to 100; null when the app may not know.';
COMMENT ON COLUMN raw.catalog_track.isrc IS 'International Standard Recording Code.';
COMMENT ON COLUMN raw.catalog_track.track_number IS 'Its number on the disc.';
COMMENT ON COLUMN raw.catalog_track.disc_number IS 'The disc.';
COMMENT ON COLUMN raw.catalog_track.fetched_at IS 'When Spotify was asked about it; null while known only from a play''s own object.';

-- Grain: one row per album Spotify told about.
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
COMMENT ON TABLE raw.catalog_album IS 'One row per album Spotify told about.';
COMMENT ON COLUMN raw.catalog_album.album_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.catalog_album.title IS 'Spotify''s title.';
COMMENT ON COLUMN raw.catalog_album.title_key IS 'Normalised title.';
COMMENT ON COLUMN raw.catalog_album.artist_ids IS 'Its artists in credit order.';
COMMENT ON COLUMN raw.catalog_album.album_type IS 'album, single or compilation.';
COMMENT ON COLUMN raw.catalog_album.total_tracks IS 'How many tracks it has; null when unknown.';
COMMENT ON COLUMN raw.catalog_album.release_date IS 'First of the month or year where Spotify is coarser.';
COMMENT ON COLUMN raw.catalog_album.release_precision IS 'day, month or year.';
COMMENT ON COLUMN raw.catalog_album.label IS 'Null when the app may not know.';
COMMENT ON COLUMN raw.catalog_album.popularity IS '0 to 100; null when the app may not know.';
COMMENT ON COLUMN raw.catalog_album.image_url IS 'Its cover.';
COMMENT ON COLUMN raw.catalog_album.fetched_at IS 'When Spotify was asked about it; null while known only from a play''s own object.';

-- Grain: one row per artist Spotify told about.
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
COMMENT ON TABLE raw.catalog_artist IS 'One row per artist Spotify told about.';
COMMENT ON COLUMN raw.catalog_artist.artist_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.catalog_artist.name IS 'Spotify''s name.';
COMMENT ON COLUMN raw.catalog_artist.name_key IS 'The name normalised.';
COMMENT ON COLUMN raw.catalog_artist.popularity IS '0 to 100; null when the app may not know.';
COMMENT ON COLUMN raw.catalog_artist.followers IS 'Null when the app may not know.';
COMMENT ON COLUMN raw.catalog_artist.genres IS 'Null when the app may not know.';
COMMENT ON COLUMN raw.catalog_artist.image_url IS 'A picture.';
COMMENT ON COLUMN raw.catalog_artist.fetched_at IS 'When Spotify was asked about it; null while known only from a play''s own object.';

-- Grain: one row per provisional id, Spotify id and source that says both have the same names.
CREATE TABLE raw.id_evidence (
    provisional_id text COLLATE "C" NOT NULL,
    spotify_id     text COLLATE "C" NOT NULL,
    source         text COLLATE "C" NOT NULL,
    PRIMARY KEY (provisional_id, spotify_id, source)
);
CREATE INDEX id_evidence_source ON raw.id_evidence (source);
COMMENT ON TABLE raw.id_evidence IS 'One row per provisional id, Spotify id and source that says both have the same normalised names.';
COMMENT ON COLUMN raw.id_evidence.provisional_id IS 'x:track:, x:artist:, x:album:, x:episode: or x:chapter:.';
COMMENT ON COLUMN raw.id_evidence.spotify_id IS 'Spotify''s id with the same names.';
COMMENT ON COLUMN raw.id_evidence.source IS 'The listener whose rows say so, or the item of the catalog, as catalog:<id>.';

-- Grain: one row per provisional id that has a Spotify id.
CREATE TABLE raw.id_map (
    provisional_id text COLLATE "C" PRIMARY KEY,
    spotify_id     text COLLATE "C" NOT NULL
);
CREATE INDEX id_map_spotify ON raw.id_map (spotify_id);
COMMENT ON TABLE raw.id_map IS 'One row per provisional id that has a Spotify id: the smallest in raw.id_evidence.';
COMMENT ON COLUMN raw.id_map.provisional_id IS 'The id that stood in.';
COMMENT ON COLUMN raw.id_map.spotify_id IS 'What it maps to.';

-- Grain: one row per id in a listener's plays and the listener.
CREATE TABLE raw.item_use (
    item_id     text COLLATE "C" NOT NULL,
    listener_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (item_id, listener_id)
);
CREATE INDEX item_use_listener ON raw.item_use (listener_id);
COMMENT ON TABLE raw.item_use IS 'One row per own id in a listener''s plays and the listener: whose version a change of the item raises.';
COMMENT ON COLUMN raw.item_use.item_id IS 'track_id, artist_id or album_id of a play.';
COMMENT ON COLUMN raw.item_use.listener_id IS 'Who played it.';

-- migrate:down
