-- migrate:up
-- Record which code computed the published rows. A new database gets the column from audit/listener_version.sql.
ALTER TABLE candidate.touched ADD COLUMN definitions text COLLATE "C";
COMMENT ON COLUMN candidate.touched.definitions IS 'SHA-256 of the code that computes the candidates.';

DO $$
BEGIN
    IF to_regclass('audit.listener_version') IS NOT NULL THEN
        ALTER TABLE audit.listener_version ADD COLUMN definitions text COLLATE "C";
        COMMENT ON COLUMN audit.listener_version.definitions IS 'SHA-256 of the code that computed what is published; another one means that everything is recomputed. Null: not known.';
    END IF;
END
$$;

-- migrate:down
ALTER TABLE candidate.touched DROP COLUMN definitions;
ALTER TABLE IF EXISTS audit.listener_version DROP COLUMN definitions;
