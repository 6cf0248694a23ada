-- migrate:up
-- The layers of main: published facts and answers, the audit trail, what is not yet published, and the CDC's own rows.
CREATE SCHEMA core;
CREATE SCHEMA mart;
CREATE SCHEMA audit;
CREATE SCHEMA candidate;
CREATE SCHEMA cdc;

COMMENT ON SCHEMA core IS 'Published entities and events.';
COMMENT ON SCHEMA mart IS 'Published answers, one table per metric.';
COMMENT ON SCHEMA audit IS 'Every load, what it read, how it was checked and what it wrote.';
COMMENT ON SCHEMA candidate IS 'What the running load wants to publish. Unlogged and never captured.';
COMMENT ON SCHEMA cdc IS 'Rows that the change data capture writes about itself.';

-- migrate:down
DROP SCHEMA cdc, candidate, audit, mart, core CASCADE;
