-- migrate:up
-- Grain: one row per listener id that was deleted in the last days.
CREATE TABLE jobs.listener_deletion (
    listener_key bigint      PRIMARY KEY,
    deleted_at   timestamptz NOT NULL
);
COMMENT ON TABLE jobs.listener_deletion IS 'One row per listener id that was deleted in the last days. An import that was requested before the deletion must not create the listener again.';
COMMENT ON COLUMN jobs.listener_deletion.listener_key IS 'hashtextextended(listener_id, 0), so that the id itself is not kept.';
COMMENT ON COLUMN jobs.listener_deletion.deleted_at IS 'When the listener was last deleted. Housekeeping deletes the row a day later.';

-- migrate:down
