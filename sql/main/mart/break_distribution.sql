-- Grain: One row per listener, month and class of pause with a pause in it.
-- A pause lies before each counted play but the listener's first, in order of start, end and id: from the latest end so far to the start, 0 where they overlap.
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
    'Grain: One row per listener, month and class of pause with a pause in it. A pause lies before each counted play but the listener''s first, in order of start, end and id: from the latest end so far to the start, 0 where they overlap.';
COMMENT ON COLUMN mart.break_distribution.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.break_distribution.month IS 'First day of the local month of the play that ends the pause.';
COMMENT ON COLUMN mart.break_distribution.break_class IS 'continuous (less than 5 min), short (less than 60 min) or long.';
COMMENT ON COLUMN mart.break_distribution.break_count IS 'Pauses of the class.';
COMMENT ON COLUMN mart.break_distribution.share IS 'break_count of the month''s pauses, half up.';
COMMENT ON COLUMN mart.break_distribution.load_id IS 'The load that last changed this row.';
