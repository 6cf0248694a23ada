-- migrate:up
UPDATE vault.pause SET subject = 'catalog' WHERE subject = 'catalogue';
COMMENT ON COLUMN vault.pause.subject IS 'The paused activity: plays (polling) or catalog (enrichment).';

-- migrate:down
UPDATE vault.pause SET subject = 'catalogue' WHERE subject = 'catalog';
COMMENT ON COLUMN vault.pause.subject IS 'The paused activity, such as sync or enrichment.';
