-- Grain: One row per listener, period, kind of item and rank. Ranks are 1 to 100.
-- Plays without an id of that kind are left out. A period with fewer than 100 items has fewer rows.
CREATE TABLE mart.top_item (
    listener_id  text COLLATE "C" NOT NULL,
    period       text COLLATE "C" NOT NULL,
    period_start date NOT NULL,
    item_kind    text COLLATE "C" NOT NULL,
    rank         smallint NOT NULL,
    item_id      text COLLATE "C" NOT NULL,
    play_count   integer NOT NULL,
    listened_ms  bigint NOT NULL,
    load_id      bigint NOT NULL,
    PRIMARY KEY (listener_id, period, period_start, item_kind, rank)
);

COMMENT ON TABLE mart.top_item IS
    'Grain: One row per listener, period, kind of item and rank. Ranks are 1 to 100. Plays without an id of that kind are left out. A period with fewer than 100 items has fewer rows.';
COMMENT ON COLUMN mart.top_item.listener_id IS 'The listener.';
COMMENT ON COLUMN mart.top_item.period IS 'month, year or all.';
COMMENT ON COLUMN mart.top_item.period_start IS 'First local date of the period; 1970-01-01 for all.';
COMMENT ON COLUMN mart.top_item.item_kind IS 'track, artist or album.';
COMMENT ON COLUMN mart.top_item.rank IS 'Rank by play_count descending, then listened_ms descending, then item_id by bytes; each rank is unique.';
COMMENT ON COLUMN mart.top_item.item_id IS 'Id of the track, first credited artist or album.';
COMMENT ON COLUMN mart.top_item.play_count IS 'Number of counted plays of the item in the period.';
COMMENT ON COLUMN mart.top_item.listened_ms IS 'Sum of listened_ms over these plays, in milliseconds; an unknown value adds 0.';
COMMENT ON COLUMN mart.top_item.load_id IS 'The load that last changed this row.';
