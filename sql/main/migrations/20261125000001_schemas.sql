-- migrate:up
-- The schemas of main.
CREATE SCHEMA core;
CREATE SCHEMA mart;
CREATE SCHEMA audit;
CREATE SCHEMA candidate;
CREATE SCHEMA cdc;

COMMENT ON SCHEMA core IS 'Published entities and events.';
COMMENT ON SCHEMA mart IS 'Published metrics, one table each.';
COMMENT ON SCHEMA audit IS 'Loads: what each read, its checks and what it wrote.';
COMMENT ON SCHEMA candidate IS 'Rows of the current load before they are published. Unlogged and not captured.';
COMMENT ON SCHEMA cdc IS 'Rows that change data capture needs for itself: heartbeat and markers.';

-- migrate:down
DROP SCHEMA cdc, candidate, audit, mart, core CASCADE;
