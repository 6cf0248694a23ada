-- migrate:up
-- Grain: one row per listener, the person whose plays these are.
CREATE TABLE raw.listener (
    listener_id    text        COLLATE "C" PRIMARY KEY CHECK (listener_id ~ '^[a-z0-9_-]{1,64}$'),
    display_name   text        NOT NULL,
    time_zone      text        NOT NULL DEFAULT 'UTC',
    counts_private boolean     NOT NULL DEFAULT false,
    tenant_id      text        COLLATE "C" NOT NULL DEFAULT 'default',
    is_simulated   boolean     NOT NULL DEFAULT false,
    version        bigint      NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE raw.listener IS 'One row per listener: a person whose plays are stored.';
COMMENT ON COLUMN raw.listener.listener_id IS 'Chosen by the operator; 1 to 64 of a-z, 0-9, _ and -.';
COMMENT ON COLUMN raw.listener.display_name IS 'Name shown to viewers; the id until a name is given.';
COMMENT ON COLUMN raw.listener.time_zone IS 'IANA time zone in which local days and hours are computed.';
COMMENT ON COLUMN raw.listener.counts_private IS 'Whether plays of private sessions are counted like other plays.';
COMMENT ON COLUMN raw.listener.tenant_id IS 'The tenant the listener belongs to.';
COMMENT ON COLUMN raw.listener.is_simulated IS 'Whether the simulated Spotify created the listener; make demo-clean deletes such listeners.';
COMMENT ON COLUMN raw.listener.version IS 'Version of the listener''s data. Every transaction that changes plays, time zone, settings, id mapping or catalog items of the listener raises it.';
COMMENT ON COLUMN raw.listener.created_at IS 'When the listener was created.';

-- Grain: one row per import of a listener's files. A dry run leaves none.
CREATE TABLE raw.import (
    import_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    listener_id   text        COLLATE "C" NOT NULL REFERENCES raw.listener ON DELETE CASCADE,
    started_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    status        text        NOT NULL DEFAULT 'running'
                  CHECK (status IN ('running', 'landed', 'promoted', 'refused', 'undone')),
    files         text[]      NOT NULL,
    rows_read     bigint,
    rows_added    bigint,
    rows_matched  bigint,
    rows_repeated bigint,
    rows_rejected bigint,
    reason        text,
    CONSTRAINT import_balances CHECK (rows_read = rows_added + rows_matched + rows_repeated + rows_rejected)
);
CREATE INDEX import_listener ON raw.import (listener_id);
COMMENT ON TABLE raw.import IS 'One row per import of a listener''s files. A dry run leaves none.';
COMMENT ON COLUMN raw.import.import_id IS 'Id of the import, as make undo-import takes it.';
COMMENT ON COLUMN raw.import.listener_id IS 'The listener.';
COMMENT ON COLUMN raw.import.started_at IS 'When reading the files started.';
COMMENT ON COLUMN raw.import.finished_at IS 'When it was promoted, refused or undone; null before.';
COMMENT ON COLUMN raw.import.status IS 'running, landed (waiting for the gate), promoted, refused (by the gate) or undone.';
COMMENT ON COLUMN raw.import.files IS 'Names of the files as given, members of a zip after its name.';
COMMENT ON COLUMN raw.import.rows_read IS 'Number of rows in the files: the sum of the next four columns.';
COMMENT ON COLUMN raw.import.rows_added IS 'The listener''s plays after the import minus those before it; below 0 when it merges more than it adds.';
COMMENT ON COLUMN raw.import.rows_matched IS 'Rows that joined a play of another origin, a renamed play, or another row of this import.';
COMMENT ON COLUMN raw.import.rows_repeated IS 'Rows that an earlier batch of the same origin already brought.';
COMMENT ON COLUMN raw.import.rows_rejected IS 'Rows without a play: rejected with a reason, or unidentified and unmatched.';
COMMENT ON COLUMN raw.import.reason IS 'Why the import was refused; else null.';

-- migrate:down
