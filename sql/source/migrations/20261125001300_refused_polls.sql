-- migrate:up
ALTER TABLE landing.batch ADD COLUMN reason text;
COMMENT ON COLUMN landing.batch.reason IS 'Why an operator refused the batch; null for an import, whose reason is in raw.import.';
COMMENT ON COLUMN landing.batch.status IS 'landed (waiting for the gate), promoted, refused (by the gate or by an operator) or undone.';

-- migrate:down
