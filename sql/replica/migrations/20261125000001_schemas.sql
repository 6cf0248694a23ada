-- migrate:up
-- The captured schemas, filled by the sink connector from main.
CREATE SCHEMA core;
CREATE SCHEMA mart;
CREATE SCHEMA audit;
CREATE SCHEMA cdc;

COMMENT ON SCHEMA core IS 'Copy of main: entities and events.';
COMMENT ON SCHEMA mart IS 'Copy of main: metrics, one table each.';
COMMENT ON SCHEMA audit IS 'Copy of main: loads and their checks.';
COMMENT ON SCHEMA cdc IS 'Copy of main: heartbeat and markers of change data capture.';

-- migrate:down
DROP SCHEMA cdc, audit, mart, core CASCADE;
