-- migrate:up
-- Grain: one row per job that has told how far it is.
CREATE TABLE jobs.progress (
    job_id   bigint      PRIMARY KEY REFERENCES jobs.procrastinate_jobs ON DELETE CASCADE,
    progress jsonb       NOT NULL,
    told_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE jobs.progress IS 'One row per job that has told how far it is.';
COMMENT ON COLUMN jobs.progress.job_id IS 'The job.';
COMMENT ON COLUMN jobs.progress.progress IS 'A JSON object: its stage and, while it reads, file, rows and bytes.';
COMMENT ON COLUMN jobs.progress.told_at IS 'When; of its last run, when it was run again.';

-- migrate:down
