-- Grain: one row per listener and period of known plays.
SELECT listener_id, started_at, ended_at, basis FROM raw_coverage
