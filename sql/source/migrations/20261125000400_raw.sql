-- migrate:up
-- Grain: one row per accepted row, as received. Every play is computed from these rows.
CREATE TABLE raw.received (
    LIKE landing.play INCLUDING COMMENTS,
    listener_id text COLLATE "C" NOT NULL,
    import_id   bigint,
    play_id     text COLLATE "C",
    matched_by  text COLLATE "C",
    PRIMARY KEY (batch_id, row_number)
);
CREATE INDEX received_listener ON raw.received (listener_id);
CREATE INDEX received_polled ON raw.received (listener_id, ended_at) WHERE origin = 'api';
COMMENT ON TABLE raw.received IS 'One row per accepted row, as received. Every play is computed from these rows.';
COMMENT ON COLUMN raw.received.listener_id IS 'The listener.';
COMMENT ON COLUMN raw.received.import_id IS 'The import of the row; null for a poll.';
COMMENT ON COLUMN raw.received.play_id IS 'The play of the row; null while the row is unidentified and unmatched.';
COMMENT ON COLUMN raw.received.matched_by IS 'How an account or API row was matched with a richer row: api, pass 1 to pass 4, account pass 1, account pass 2; null when it was not matched.';

-- Grain: one row per time one listener heard one thing; own ids, before mapping.
CREATE TABLE raw.play (
    play_id      text        COLLATE "C" PRIMARY KEY,
    listener_id  text        COLLATE "C" NOT NULL,
    ended_at     timestamptz NOT NULL,
    ms_played    integer,
    kind         text        COLLATE "C" NOT NULL CHECK (kind IN ('track', 'episode', 'chapter')),
    track_id     text        COLLATE "C" NOT NULL,
    artist_id    text        COLLATE "C",
    album_id     text        COLLATE "C",
    track_title  text        COLLATE "C",
    artist_name  text        COLLATE "C",
    album_title  text        COLLATE "C",
    title_key    text        COLLATE "C",
    artist_key   text        COLLATE "C",
    album_key    text        COLLATE "C",
    is_private   boolean     NOT NULL,
    skipped      boolean,
    shuffle      boolean,
    offline      boolean,
    platform     text        COLLATE "C",
    country      text        COLLATE "C",
    context_uri  text        COLLATE "C",
    origin       text        COLLATE "C" NOT NULL CHECK (origin IN ('extended', 'account', 'api'))
);
CREATE INDEX play_listener ON raw.play (listener_id, ended_at);
COMMENT ON TABLE raw.play IS 'One row per time one listener heard one thing, reconciled from raw.received; own ids, before mapping.';
COMMENT ON COLUMN raw.play.play_id IS 'SHA-256 hex of listener and the richest row''s origin, end, own id and ms_played.';
COMMENT ON COLUMN raw.play.listener_id IS 'Who heard it.';
COMMENT ON COLUMN raw.play.ended_at IS 'When it ended: of the extended row, else the API''s, else the account''s; after a pass 4 match the account''s.';
COMMENT ON COLUMN raw.play.ms_played IS 'Milliseconds heard: of the extended row, else the account''s; null when only the API knows it.';
COMMENT ON COLUMN raw.play.kind IS 'track, episode or chapter.';
COMMENT ON COLUMN raw.play.track_id IS 'Own id: Spotify''s, else provisional (x:track:, x:episode:, x:chapter:).';
COMMENT ON COLUMN raw.play.artist_id IS 'Own id of the first credited artist, else x:artist: of the export''s; null for episodes and chapters.';
COMMENT ON COLUMN raw.play.album_id IS 'Own id of the album, else x:album:; null without an album and for episodes and chapters.';
COMMENT ON COLUMN raw.play.track_title IS 'Title of the track, episode or chapter: API, else extended, else account.';
COMMENT ON COLUMN raw.play.artist_name IS 'Its artist, show or book, from the same row as the title.';
COMMENT ON COLUMN raw.play.album_title IS 'Its album.';
COMMENT ON COLUMN raw.play.title_key IS 'track_title normalised.';
COMMENT ON COLUMN raw.play.artist_key IS 'artist_name normalised.';
COMMENT ON COLUMN raw.play.album_key IS 'album_title normalised.';
COMMENT ON COLUMN raw.play.is_private IS 'Played in a private session.';
COMMENT ON COLUMN raw.play.skipped IS 'As the extended export has it.';
COMMENT ON COLUMN raw.play.shuffle IS 'As the extended export has it.';
COMMENT ON COLUMN raw.play.offline IS 'As the extended export has it.';
COMMENT ON COLUMN raw.play.platform IS 'As the extended export has it, without device hashes.';
COMMENT ON COLUMN raw.play.country IS 'As the extended export has it.';
COMMENT ON COLUMN raw.play.context_uri IS 'As the API has it.';
COMMENT ON COLUMN raw.play.origin IS 'The richest origin it was received from: extended, then account, then api.';

-- Grain: one row per listener and start of a span in which it is known what was played.
CREATE TABLE raw.coverage (
    listener_id text        COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    basis       text        NOT NULL CHECK (basis IN ('polled', 'export', 'partly')),
    PRIMARY KEY (listener_id, started_at)
);
COMMENT ON TABLE raw.coverage IS 'One row per listener and start of a span in which it is known what was played. What is in none is unknown.';
COMMENT ON COLUMN raw.coverage.listener_id IS 'Whose plays.';
COMMENT ON COLUMN raw.coverage.started_at IS 'First instant covered.';
COMMENT ON COLUMN raw.coverage.ended_at IS 'Last instant covered: the latest end seen.';
COMMENT ON COLUMN raw.coverage.basis IS 'polled (without a break), export (numbered files complete from the first) or partly (files missing).';

-- Grain: one row per import and origin: the span its files cover.
CREATE TABLE raw.import_span (
    import_id  bigint      NOT NULL REFERENCES raw.import ON DELETE CASCADE,
    origin     text        NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    basis      text        NOT NULL CHECK (basis IN ('export', 'partly')),
    PRIMARY KEY (import_id, origin)
);
COMMENT ON TABLE raw.import_span IS 'One row per import and origin: the span its files cover. Coverage is computed from these and the polls.';
COMMENT ON COLUMN raw.import_span.import_id IS 'The import.';
COMMENT ON COLUMN raw.import_span.origin IS 'extended or account.';
COMMENT ON COLUMN raw.import_span.started_at IS 'Earliest end in its rows.';
COMMENT ON COLUMN raw.import_span.ended_at IS 'Latest end as received (ts) in its rows: how far the export reaches.';
COMMENT ON COLUMN raw.import_span.basis IS 'export when the numbered files are complete from the first, else partly.';

-- migrate:down
