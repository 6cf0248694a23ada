-- Grain: One row per listener of source, with plays or without.
CREATE TABLE core.dim_listener (
    listener_id    text COLLATE "C" NOT NULL,
    display_name   text,
    time_zone      text NOT NULL,
    counts_private boolean NOT NULL,
    tenant_id      text NOT NULL,
    is_simulated   boolean NOT NULL,
    load_id        bigint NOT NULL,
    PRIMARY KEY (listener_id)
);

COMMENT ON TABLE core.dim_listener IS
    'Grain: One row per listener of source, with plays or without.';
COMMENT ON COLUMN core.dim_listener.listener_id IS 'The listener, [a-z0-9_-]{1,64}.';
COMMENT ON COLUMN core.dim_listener.display_name IS 'The name to show; null when none was given.';
COMMENT ON COLUMN core.dim_listener.time_zone IS 'IANA name of the zone that decides played_on, hour and month; UTC when none was given.';
COMMENT ON COLUMN core.dim_listener.counts_private IS 'Whether private plays count, and then like any other everywhere.';
COMMENT ON COLUMN core.dim_listener.tenant_id IS 'The tenant; default for a single household.';
COMMENT ON COLUMN core.dim_listener.is_simulated IS 'Whether the plays come from the simulated Spotify; such a listener never stands in front of a real one.';
COMMENT ON COLUMN core.dim_listener.load_id IS 'The load that last changed this row.';
