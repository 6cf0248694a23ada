-- migrate:up
-- Record the time zone that an import set, so that undoing the import restores the former one.
ALTER TABLE raw.import
    ADD COLUMN time_zone        text,
    ADD COLUMN former_time_zone text;
COMMENT ON COLUMN raw.import.time_zone IS 'Time zone that the import set for the listener; null when it set none.';
COMMENT ON COLUMN raw.import.former_time_zone IS 'Time zone of the listener before the import; null for a new listener.';

-- migrate:down
