-- migrate:up
COMMENT ON COLUMN landing.batch.has_gap IS 'Whether a poll has no play of an earlier poll: plays between the two may be missing.';
COMMENT ON COLUMN raw.received.matched_by IS 'How an account or API row was matched with a richer row: api, pass 1 to pass 4, account pass 1, account pass 2; renamed: of the same origin, with another id; null when it was not matched.';
COMMENT ON COLUMN landing.batch.first_ended_at IS 'Earliest end in a poll''s page; null for an import, or a page without new plays.';

-- migrate:down
