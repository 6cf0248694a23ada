-- Grain: One row per listener, month and class of break that occurs in the month.
-- A break is the time before a counted play since the latest end of all earlier counted plays, at least 0. Plays are ordered by start, end and id. A listener's first play has no break.
CREATE TABLE mart.break_distribution (
    listener_id text COLLATE "C" NOT NULL,
    month       date NOT NULL,
    break_class text COLLATE "C" NOT NULL,
    break_count integer NOT NULL,
    share       numeric(9,8) NOT NULL,
    load_id     bigint NOT NULL,
    PRIMARY KEY (listener_id, month, break_class)
);

COMMENT ON TABLE mart.break_distribution IS
    'Grain: One row per listener, month and class of break that occurs in the month. A break is the time before a counted play since the latest end of all earlier counted plays, at least 0. Plays are ordered by start, end and id. A listener''s first play has no break.';
COMMENT ON COLUMN mart.break_distribution.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.break_distribution.month IS 'First day of the local month of the play after the break.';
COMMENT ON COLUMN mart.break_distribution.break_class IS 'continuous (under 5 minutes), short (5 to under 60 minutes) or long (60 minutes or more).';
COMMENT ON COLUMN mart.break_distribution.break_count IS 'Number of breaks of the class in the month.';
COMMENT ON COLUMN mart.break_distribution.share IS 'break_count divided by the number of the month''s breaks, rounded half up to 8 decimals.';
COMMENT ON COLUMN mart.break_distribution.load_id IS 'The load that last changed this row.';
