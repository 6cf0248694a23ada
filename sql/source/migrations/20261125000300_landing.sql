-- migrate:up
-- Grain: one row per batch: one poll of one listener, or one import.
CREATE TABLE landing.batch (
    batch_id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    listener_id   text        COLLATE "C" NOT NULL REFERENCES raw.listener ON DELETE CASCADE,
    kind          text        NOT NULL CHECK (kind IN ('poll', 'import')),
    import_id     bigint      REFERENCES raw.import ON DELETE CASCADE,
    status        text        NOT NULL DEFAULT 'landed' CHECK (status IN ('landed', 'promoted', 'refused', 'undone')),
    landed_at     timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    rows_landed   bigint      NOT NULL DEFAULT 0,
    rows_refused  bigint      NOT NULL DEFAULT 0,
    rows_added    bigint,
    rows_matched  bigint,
    rows_repeated bigint,
    rows_rejected bigint,
    first_ended_at timestamptz,
    last_ended_at timestamptz,
    has_gap       boolean     NOT NULL DEFAULT false,
    CHECK ((kind = 'import') = (import_id IS NOT NULL))
);
CREATE INDEX batch_listener ON landing.batch (listener_id, landed_at);
CREATE INDEX batch_import ON landing.batch (import_id);
COMMENT ON TABLE landing.batch IS 'One row per batch: one poll of one listener, or one import.';
COMMENT ON COLUMN landing.batch.batch_id IS 'Id of the batch, as the gate and promotion take it.';
COMMENT ON COLUMN landing.batch.listener_id IS 'The listener.';
COMMENT ON COLUMN landing.batch.kind IS 'poll or import.';
COMMENT ON COLUMN landing.batch.import_id IS 'The import; null for a poll.';
COMMENT ON COLUMN landing.batch.status IS 'landed (waiting for the gate), promoted, refused or undone.';
COMMENT ON COLUMN landing.batch.landed_at IS 'When Spotify was polled, or when the files were read.';
COMMENT ON COLUMN landing.batch.finished_at IS 'When it was promoted, refused or undone; null before.';
COMMENT ON COLUMN landing.batch.rows_landed IS 'Rows in landing.play when it landed; promotion moves them to raw.received.';
COMMENT ON COLUMN landing.batch.rows_refused IS 'Rows in landing.rejected.';
COMMENT ON COLUMN landing.batch.rows_added IS 'As raw.import.rows_added; null until promoted.';
COMMENT ON COLUMN landing.batch.rows_matched IS 'As raw.import.rows_matched.';
COMMENT ON COLUMN landing.batch.rows_repeated IS 'As raw.import.rows_repeated.';
COMMENT ON COLUMN landing.batch.rows_rejected IS 'As raw.import.rows_rejected.';
COMMENT ON COLUMN landing.batch.first_ended_at IS 'Earliest end in a poll''s page; null for an import or an empty page.';
COMMENT ON COLUMN landing.batch.last_ended_at IS 'Latest end in a poll''s page.';
COMMENT ON COLUMN landing.batch.has_gap IS 'Whether a full page of plays had no known play: plays before it may be missing.';

-- Grain: one row per row received and understood, with or without a name.
CREATE TABLE landing.play (
    batch_id          bigint      NOT NULL,
    row_number        integer     NOT NULL,
    file_number       smallint,
    origin            text        COLLATE "C" NOT NULL,
    ts                timestamptz NOT NULL,
    ended_at          timestamptz NOT NULL,
    is_end_computed   boolean     NOT NULL,
    ms_played         integer,
    kind              text        COLLATE "C",
    track_id          text        COLLATE "C",
    names_id          text        COLLATE "C",
    title             text        COLLATE "C",
    artist_name       text        COLLATE "C",
    album_title       text        COLLATE "C",
    title_key         text        COLLATE "C",
    artist_key        text        COLLATE "C",
    album_key         text        COLLATE "C",
    artist_id         text        COLLATE "C",
    album_id          text        COLLATE "C",
    album_artist_id   text        COLLATE "C",
    album_artist_key  text        COLLATE "C",
    album_names_id    text        COLLATE "C",
    is_private        boolean     NOT NULL,
    skipped           boolean,
    shuffle           boolean,
    offline           boolean,
    reason_start      text        COLLATE "C",
    reason_end        text        COLLATE "C",
    platform          text        COLLATE "C",
    country           text        COLLATE "C",
    context_uri       text        COLLATE "C",
    PRIMARY KEY (batch_id, row_number)
);
COMMENT ON TABLE landing.play IS 'One row per row received and understood, with or without a name, until its batch is promoted.';
COMMENT ON COLUMN landing.play.batch_id IS 'The batch.';
COMMENT ON COLUMN landing.play.row_number IS 'Position in the batch, from 1, rejected rows included.';
COMMENT ON COLUMN landing.play.file_number IS 'Position in raw.import.files, from 1; null for a poll.';
COMMENT ON COLUMN landing.play.origin IS 'extended, account or api.';
COMMENT ON COLUMN landing.play.ts IS 'The end as received: ts, endTime (second 0 of its minute) or played_at.';
COMMENT ON COLUMN landing.play.ended_at IS 'When the play ended: ts, or offline_timestamp + ms_played where the data contract says so.';
COMMENT ON COLUMN landing.play.is_end_computed IS 'Whether ended_at comes from offline_timestamp.';
COMMENT ON COLUMN landing.play.ms_played IS 'Milliseconds played; null from the API.';
COMMENT ON COLUMN landing.play.kind IS 'track, episode or chapter; null when unidentified (neither URI nor name).';
COMMENT ON COLUMN landing.play.track_id IS 'Spotify''s id, else provisional; null when unidentified.';
COMMENT ON COLUMN landing.play.names_id IS 'Hash of artist_key and title_key, for same names; null unless both exist.';
COMMENT ON COLUMN landing.play.title IS 'Title of the track, episode or chapter.';
COMMENT ON COLUMN landing.play.artist_name IS 'First credited artist (API), album artist (exports), show or book.';
COMMENT ON COLUMN landing.play.album_title IS 'Title of the album.';
COMMENT ON COLUMN landing.play.title_key IS 'Normalised title.';
COMMENT ON COLUMN landing.play.artist_key IS 'Normalised artist name.';
COMMENT ON COLUMN landing.play.album_key IS 'Normalised album title.';
COMMENT ON COLUMN landing.play.artist_id IS 'Spotify''s id of the first credited artist; API only.';
COMMENT ON COLUMN landing.play.album_id IS 'Spotify''s id of the album; API only.';
COMMENT ON COLUMN landing.play.album_artist_id IS 'Spotify''s id of the album''s first artist; API only.';
COMMENT ON COLUMN landing.play.album_artist_key IS 'Normalised name of the album''s first artist; API only.';
COMMENT ON COLUMN landing.play.album_names_id IS 'Like names_id, for the album''s first artist; API only.';
COMMENT ON COLUMN landing.play.is_private IS 'Played in a private session (incognito_mode is true).';
COMMENT ON COLUMN landing.play.skipped IS 'As received; its meaning changed over the years.';
COMMENT ON COLUMN landing.play.shuffle IS 'As received.';
COMMENT ON COLUMN landing.play.offline IS 'As received.';
COMMENT ON COLUMN landing.play.reason_start IS 'As received.';
COMMENT ON COLUMN landing.play.reason_end IS 'As received.';
COMMENT ON COLUMN landing.play.platform IS 'As received, without device hashes.';
COMMENT ON COLUMN landing.play.country IS 'ISO 3166 code of the connection''s country.';
COMMENT ON COLUMN landing.play.context_uri IS 'Playlist, album or artist it was played from; API only.';

-- Grain: one row per row of a batch that could not be a play.
CREATE TABLE landing.rejected (
    batch_id   bigint  NOT NULL REFERENCES landing.batch ON DELETE CASCADE,
    row_number integer NOT NULL,
    file       text,
    file_row   integer,
    reason     text    NOT NULL,
    PRIMARY KEY (batch_id, row_number)
);
COMMENT ON TABLE landing.rejected IS 'One row per rejected row of a batch. The row itself is not kept.';
COMMENT ON COLUMN landing.rejected.batch_id IS 'The batch.';
COMMENT ON COLUMN landing.rejected.row_number IS 'Position in the batch, from 1.';
COMMENT ON COLUMN landing.rejected.file IS 'The file; null for a poll.';
COMMENT ON COLUMN landing.rejected.file_row IS 'Position in the file, from 1; null for a poll.';
COMMENT ON COLUMN landing.rejected.reason IS 'Reason for the rejection, as in the data contract.';

-- Grain: one row per batch, table and check: the gate's verdicts.
CREATE TABLE landing.check_result (
    batch_id    bigint      NOT NULL REFERENCES landing.batch ON DELETE CASCADE,
    table_name  text        NOT NULL,
    check_name  text        NOT NULL,
    outcome     text        NOT NULL CHECK (outcome IN ('pass', 'warn', 'fail')),
    measured    double precision,
    rows_failed bigint,
    checked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (batch_id, table_name, check_name)
);
COMMENT ON TABLE landing.check_result IS 'One row per batch, table and check: the gate''s verdicts.';
COMMENT ON COLUMN landing.check_result.batch_id IS 'The batch.';
COMMENT ON COLUMN landing.check_result.table_name IS 'The checked table.';
COMMENT ON COLUMN landing.check_result.check_name IS 'Name of the check: what must be true.';
COMMENT ON COLUMN landing.check_result.outcome IS 'pass, warn or fail.';
COMMENT ON COLUMN landing.check_result.measured IS 'Value that the check measured.';
COMMENT ON COLUMN landing.check_result.rows_failed IS 'Number of rows that failed the check; null when it does not count rows.';
COMMENT ON COLUMN landing.check_result.checked_at IS 'When the check ran.';

-- migrate:down
