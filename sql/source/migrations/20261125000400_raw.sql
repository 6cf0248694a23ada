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

-- Grain: one row per play, with own ids (before id mapping).
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
COMMENT ON TABLE raw.play IS 'One row per play, reconciled from raw.received, with own ids (before id mapping).';
COMMENT ON COLUMN raw.play.play_id IS 'SHA-256 hex of listener and the richest row''s origin, end, own id and ms_played.';
COMMENT ON COLUMN raw.play.listener_id IS 'The listener.';
COMMENT ON COLUMN raw.play.ended_at IS 'When the play ended: from the extended row, else the API row, else the account row; after a match in pass 4, from the account row.';
COMMENT ON COLUMN raw.play.ms_played IS 'Milliseconds played: from the extended row, else the account row; null when the play is known only from the API.';
COMMENT ON COLUMN raw.play.kind IS 'track, episode or chapter.';
COMMENT ON COLUMN raw.play.track_id IS 'Own id: Spotify''s, else provisional (x:track:, x:episode:, x:chapter:).';
COMMENT ON COLUMN raw.play.artist_id IS 'Own id of the first credited artist, else the provisional id (x:artist:) of the export''s artist; null for episodes and chapters.';
COMMENT ON COLUMN raw.play.album_id IS 'Own id of the album, else its provisional id (x:album:); null without an album, and for episodes and chapters.';
COMMENT ON COLUMN raw.play.track_title IS 'Title of the track, episode or chapter: from the API row, else the extended row, else the account row.';
COMMENT ON COLUMN raw.play.artist_name IS 'Artist, show or book, from the same row as the title.';
COMMENT ON COLUMN raw.play.album_title IS 'Title of the album.';
COMMENT ON COLUMN raw.play.title_key IS 'Normalised track_title.';
COMMENT ON COLUMN raw.play.artist_key IS 'Normalised artist_name.';
COMMENT ON COLUMN raw.play.album_key IS 'Normalised album_title.';
COMMENT ON COLUMN raw.play.is_private IS 'Whether the play was in a private session.';
COMMENT ON COLUMN raw.play.skipped IS 'From the extended export.';
COMMENT ON COLUMN raw.play.shuffle IS 'From the extended export.';
COMMENT ON COLUMN raw.play.offline IS 'From the extended export.';
COMMENT ON COLUMN raw.play.platform IS 'From the extended export, without device hashes.';
COMMENT ON COLUMN raw.play.country IS 'From the extended export.';
COMMENT ON COLUMN raw.play.context_uri IS 'From the API.';
COMMENT ON COLUMN raw.play.origin IS 'Richest origin of the play: extended, else account, else api.';

-- Grain: one row per listener and span of time for which plays are known.
CREATE TABLE raw.coverage (
    listener_id text        COLLATE "C" NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    basis       text        NOT NULL CHECK (basis IN ('polled', 'export', 'partly')),
    PRIMARY KEY (listener_id, started_at)
);
COMMENT ON TABLE raw.coverage IS 'One row per listener and span of time for which plays are known. Whether anything was played outside all spans is unknown.';
COMMENT ON COLUMN raw.coverage.listener_id IS 'The listener.';
COMMENT ON COLUMN raw.coverage.started_at IS 'Start of the span.';
COMMENT ON COLUMN raw.coverage.ended_at IS 'End of the span: the latest end of a play in it.';
COMMENT ON COLUMN raw.coverage.basis IS 'polled (polled without a gap), export (all numbered files are present) or partly (files are missing).';

-- Grain: one row per import and origin: the span that its files cover.
CREATE TABLE raw.import_span (
    import_id  bigint      NOT NULL REFERENCES raw.import ON DELETE CASCADE,
    origin     text        NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    basis      text        NOT NULL CHECK (basis IN ('export', 'partly')),
    PRIMARY KEY (import_id, origin)
);
COMMENT ON TABLE raw.import_span IS 'One row per import and origin: the span that its files cover. Coverage is computed from these and the polls.';
COMMENT ON COLUMN raw.import_span.import_id IS 'The import.';
COMMENT ON COLUMN raw.import_span.origin IS 'extended or account.';
COMMENT ON COLUMN raw.import_span.started_at IS 'Earliest end of a play in the files.';
COMMENT ON COLUMN raw.import_span.ended_at IS 'Latest end as received (ts) in the files.';
COMMENT ON COLUMN raw.import_span.basis IS 'export when all numbered files are present, else partly.';

-- migrate:down
