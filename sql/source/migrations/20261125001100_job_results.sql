-- migrate:up
-- Grain: one row per job that ended: what it has to say. procrastinate itself keeps a status only.
CREATE TABLE jobs.result (
    job_id      bigint      PRIMARY KEY REFERENCES jobs.procrastinate_jobs ON DELETE CASCADE,
    result      jsonb       NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE jobs.result IS 'One row per finished job: its result. procrastinate itself stores only a status.';
COMMENT ON COLUMN jobs.result.job_id IS 'The job.';
COMMENT ON COLUMN jobs.result.result IS 'Result of the job as a JSON object, or {"error": a sentence}.';
COMMENT ON COLUMN jobs.result.finished_at IS 'When the last run of the job finished.';

-- Grain: one row per catalog item that Spotify does not have.
CREATE TABLE raw.unavailable (
    item_kind text        NOT NULL CHECK (item_kind IN ('track', 'album', 'artist')),
    item_id   text        COLLATE "C" NOT NULL,
    asked_at  timestamptz NOT NULL,
    PRIMARY KEY (item_kind, item_id)
);
COMMENT ON TABLE raw.unavailable IS 'One row per catalog item that Spotify does not have. It is not requested in every round.';
COMMENT ON COLUMN raw.unavailable.item_kind IS 'track, album or artist.';
COMMENT ON COLUMN raw.unavailable.item_id IS 'The requested id.';
COMMENT ON COLUMN raw.unavailable.asked_at IS 'When the item was last requested.';

-- migrate:down
