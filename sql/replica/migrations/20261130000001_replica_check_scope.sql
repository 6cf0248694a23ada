-- migrate:up
-- As in main.
ALTER TABLE IF EXISTS audit.replica_check ADD COLUMN scope text NOT NULL DEFAULT 'all';

-- migrate:down
ALTER TABLE IF EXISTS audit.replica_check DROP COLUMN scope;
