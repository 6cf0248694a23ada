-- Grain: One row per listener, month, weekday and hour with a counted play.
CREATE TABLE mart.listening_clock (
    listener_id text COLLATE "C" NOT NULL,
    month       date NOT NULL,
    iso_weekday smallint NOT NULL,
    hour        smallint NOT NULL,
    play_count  integer NOT NULL,
    listened_ms bigint NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, month, iso_weekday, hour)
);

COMMENT ON TABLE mart.listening_clock IS
    'Grain: One row per listener, month, weekday and hour with a counted play.';
COMMENT ON COLUMN mart.listening_clock.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.listening_clock.month IS 'First day of the local month.';
COMMENT ON COLUMN mart.listening_clock.iso_weekday IS 'Local weekday, 1 = Monday to 7 = Sunday.';
COMMENT ON COLUMN mart.listening_clock.hour IS 'Local hour in which the plays ended, 0 to 23. When clocks go back, both hours are in one row; a skipped hour has no row.';
COMMENT ON COLUMN mart.listening_clock.play_count IS 'Number of counted plays that ended in this hour, on this weekday, in this month.';
COMMENT ON COLUMN mart.listening_clock.listened_ms IS 'Sum of listened_ms over these plays, in milliseconds; an unknown value adds 0.';
COMMENT ON COLUMN mart.listening_clock.load_id IS 'The load that last changed this row.';
