-- Grain: One row per listener in source, with or without plays.
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
    'Grain: One row per listener in source, with or without plays.';
COMMENT ON COLUMN core.dim_listener.listener_id IS 'Id of the listener: 1 to 64 of a-z, 0-9, _ and -.';
COMMENT ON COLUMN core.dim_listener.display_name IS 'Name to show; null when none was given.';
COMMENT ON COLUMN core.dim_listener.time_zone IS 'IANA time zone in which played_on, hour and month are computed; UTC when none was given.';
COMMENT ON COLUMN core.dim_listener.counts_private IS 'Whether private plays are counted. If true, all tables treat them like other plays.';
COMMENT ON COLUMN core.dim_listener.tenant_id IS 'Id of the tenant; ''default'' for a single household.';
COMMENT ON COLUMN core.dim_listener.is_simulated IS 'Whether the plays come from the simulated Spotify. The dashboard prefers a real listener over a simulated one.';
COMMENT ON COLUMN core.dim_listener.load_id IS 'The load that last changed this row.';
