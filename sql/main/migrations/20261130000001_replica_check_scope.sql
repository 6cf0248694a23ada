-- migrate:up
-- Record which rows a verification compared. A new database gets the column from audit/replica_check.sql.
ALTER TABLE IF EXISTS audit.replica_check ADD COLUMN scope text NOT NULL DEFAULT 'all';

-- migrate:down
ALTER TABLE IF EXISTS audit.replica_check DROP COLUMN scope;
