-- migrate:up
-- Files of several exports may come in one import: each export has a span of its own.
ALTER TABLE raw.import_span
    ADD COLUMN export_number smallint NOT NULL DEFAULT 1,
    DROP CONSTRAINT import_span_pkey,
    ADD PRIMARY KEY (import_id, origin, export_number);
ALTER TABLE raw.import_span ALTER COLUMN export_number DROP DEFAULT;
COMMENT ON TABLE raw.import_span IS 'One row per import, origin and export in it: the span its files cover. Coverage is computed from these and the polls.';
COMMENT ON COLUMN raw.import_span.export_number IS 'Which of the exports in the import, from 1: of one archive or folder, no number of a file twice.';

-- migrate:down
