-- migrate:up
-- Grain: one row per job that has reported its progress.
CREATE TABLE jobs.progress (
    job_id   bigint      PRIMARY KEY REFERENCES jobs.procrastinate_jobs ON DELETE CASCADE,
    progress jsonb       NOT NULL,
    told_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE jobs.progress IS 'One row per job that has reported its progress.';
COMMENT ON COLUMN jobs.progress.job_id IS 'The job.';
COMMENT ON COLUMN jobs.progress.progress IS 'Progress as a JSON object: the stage and, while reading, file, rows and bytes.';
COMMENT ON COLUMN jobs.progress.told_at IS 'When the last run of the job reported it.';

-- migrate:down
