-- migrate:up
-- Grain: one row per connected listener.
CREATE TABLE vault.token (
    listener_id   text        COLLATE "C" PRIMARY KEY REFERENCES raw.listener ON DELETE CASCADE,
    access_token  bytea,
    refresh_token bytea       NOT NULL,
    scope         text        NOT NULL,
    expires_at    timestamptz NOT NULL,
    authorized_at timestamptz NOT NULL,
    status        text        NOT NULL DEFAULT 'connected' CHECK (status IN ('connected', 'reconnect')),
    reason        text,
    updated_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE vault.token IS 'One row per connected listener. Tokens are encrypted before they are stored.';
COMMENT ON COLUMN vault.token.listener_id IS 'The listener.';
COMMENT ON COLUMN vault.token.access_token IS 'Access token, encrypted (Fernet); null once it is known to be invalid.';
COMMENT ON COLUMN vault.token.refresh_token IS 'Refresh token, encrypted (Fernet).';
COMMENT ON COLUMN vault.token.scope IS 'Scopes that the listener granted.';
COMMENT ON COLUMN vault.token.expires_at IS 'When the access token expires.';
COMMENT ON COLUMN vault.token.authorized_at IS 'When the listener consented; the refresh token expires six months later.';
COMMENT ON COLUMN vault.token.status IS 'connected, or reconnect: Spotify refused the refresh token, and the listener must connect again.';
COMMENT ON COLUMN vault.token.reason IS 'Spotify''s answer when it refused the refresh token.';
COMMENT ON COLUMN vault.token.updated_at IS 'When the row last changed.';

-- Grain: one row per Spotify account.
CREATE TABLE vault.account (
    account_id  text        COLLATE "C" PRIMARY KEY,
    listener_id text        COLLATE "C" NOT NULL UNIQUE REFERENCES raw.listener ON DELETE CASCADE,
    linked_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE vault.account IS 'One row per Spotify account and the listener it is linked to.';
COMMENT ON COLUMN vault.account.account_id IS 'Spotify''s immutable account id, or the user id when that is missing.';
COMMENT ON COLUMN vault.account.listener_id IS 'The listener.';
COMMENT ON COLUMN vault.account.linked_at IS 'When the account was linked.';

-- Grain: one row per login under way.
CREATE TABLE vault.login (
    state         text        COLLATE "C" PRIMARY KEY,
    listener_id   text        COLLATE "C" NOT NULL,
    display_name  text,
    time_zone     text,
    code_verifier bytea,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL
);
COMMENT ON TABLE vault.login IS 'One row per login under way; deleted by its callback.';
COMMENT ON COLUMN vault.login.state IS 'Random value that is sent to Spotify and compared in the callback.';
COMMENT ON COLUMN vault.login.listener_id IS 'The listener to connect.';
COMMENT ON COLUMN vault.login.display_name IS 'Requested display name, for a new listener.';
COMMENT ON COLUMN vault.login.time_zone IS 'Requested time zone.';
COMMENT ON COLUMN vault.login.code_verifier IS 'PKCE verifier, encrypted (Fernet).';
COMMENT ON COLUMN vault.login.created_at IS 'When the login started.';
COMMENT ON COLUMN vault.login.expires_at IS 'When the state expires.';

-- Grain: one row per activity that is paused because Spotify asked for it.
CREATE TABLE vault.pause (
    subject      text        PRIMARY KEY,
    paused_until timestamptz NOT NULL,
    reason       text        NOT NULL
);
COMMENT ON TABLE vault.pause IS 'One row per activity that is paused because Spotify asked for it (Retry-After, QUOTA_EXCEEDED).';
COMMENT ON COLUMN vault.pause.subject IS 'The paused activity, such as sync or enrichment.';
COMMENT ON COLUMN vault.pause.paused_until IS 'Time until which no request is sent.';
COMMENT ON COLUMN vault.pause.reason IS 'Spotify''s answer.';

-- migrate:down
