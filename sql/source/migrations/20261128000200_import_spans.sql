-- migrate:up
-- One import may contain several exports. Each export has its own span.
ALTER TABLE raw.import_span
    ADD COLUMN export_number smallint NOT NULL DEFAULT 1,
    DROP CONSTRAINT import_span_pkey,
    ADD PRIMARY KEY (import_id, origin, export_number);
ALTER TABLE raw.import_span ALTER COLUMN export_number DROP DEFAULT;
COMMENT ON TABLE raw.import_span IS 'One row per import, origin and export in it: the span that its files cover. Coverage is computed from these and the polls.';
COMMENT ON COLUMN raw.import_span.export_number IS 'Number of the export within the import, from 1. The files of an export are in one archive or folder and have distinct numbers.';

-- migrate:down
