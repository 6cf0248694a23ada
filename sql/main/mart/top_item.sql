-- Grain: One row per listener, period, kind of item and rank, 1 to 100.
-- Plays without the item's id are left out; a period with fewer than 100 items has fewer rows.
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
    'Grain: One row per listener, period, kind of item and rank, 1 to 100. Plays without the item''s id are left out; a period with fewer than 100 items has fewer rows.';
COMMENT ON COLUMN mart.top_item.listener_id IS 'Whose plays.';
COMMENT ON COLUMN mart.top_item.period IS 'month, year or all.';
COMMENT ON COLUMN mart.top_item.period_start IS 'First local day of the period; 1970-01-01 for all.';
COMMENT ON COLUMN mart.top_item.item_kind IS 'track, artist or album.';
COMMENT ON COLUMN mart.top_item.rank IS 'Place by play_count, then listened_ms, both falling, then item_id by bytes; never shared.';
COMMENT ON COLUMN mart.top_item.item_id IS 'Track, first credited artist, or album of the plays.';
COMMENT ON COLUMN mart.top_item.play_count IS 'Counted plays of the item in the period.';
COMMENT ON COLUMN mart.top_item.listened_ms IS 'Sum of their listened_ms, unknown as 0.';
COMMENT ON COLUMN mart.top_item.load_id IS 'The load that last changed this row.';
