-- migrate:up
-- The schemas of source.
CREATE SCHEMA landing;
COMMENT ON SCHEMA landing IS 'Batches as received, waiting for the gate, and the gate''s verdicts.';
CREATE SCHEMA raw;
COMMENT ON SCHEMA raw IS 'Accepted rows and the plays reconciled from them: the only input of the warehouse.';
CREATE SCHEMA vault;
COMMENT ON SCHEMA vault IS 'Tokens and account links. Only role endpoint has access.';
CREATE SCHEMA jobs;
COMMENT ON SCHEMA jobs IS 'The job queue''s own tables (procrastinate).';

-- migrate:down
