-- migrate:up
COMMENT ON COLUMN landing.batch.has_gap IS 'A poll without a play that an earlier one brought: plays between them may be missing.';
COMMENT ON COLUMN raw.received.matched_by IS 'How an account or API row found its richer partner: api, pass 1 to pass 4, account pass 1, account pass 2; renamed: of the same origin, with another id; null when it has none.';
COMMENT ON COLUMN landing.batch.first_ended_at IS 'Earliest end in a poll''s page; null for an import, or a page without news.';

-- migrate:down
