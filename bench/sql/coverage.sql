-- Grain: one row per listener and stretch of time.
SELECT listener_id, started_at, ended_at, basis FROM raw_coverage
