-- migrate:up
-- Which zone an import gave its listener, so that undoing it can take that back too.
ALTER TABLE raw.import
    ADD COLUMN time_zone        text,
    ADD COLUMN former_time_zone text;
COMMENT ON COLUMN raw.import.time_zone IS 'The listener''s time zone, where the import set it; else null.';
COMMENT ON COLUMN raw.import.former_time_zone IS 'The zone that it took the place of; null for a new listener.';

-- migrate:down
