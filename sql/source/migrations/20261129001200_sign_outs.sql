-- migrate:up
-- Grain: one row per listener who signed out.
CREATE TABLE vault.sign_out (
    listener_id   text        COLLATE "C" PRIMARY KEY REFERENCES raw.listener ON DELETE CASCADE,
    signed_out_at timestamptz NOT NULL
);
COMMENT ON TABLE vault.sign_out IS 'One row per listener who signed out. Sessions from before are not valid, although their cookies are signed.';
COMMENT ON COLUMN vault.sign_out.listener_id IS 'The listener.';
COMMENT ON COLUMN vault.sign_out.signed_out_at IS 'When the listener last signed out, in any browser.';

-- migrate:down
