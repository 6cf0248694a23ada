-- migrate:up
-- A load reads the latest play of each id: order the indexes for that. A new database gets them from core/fct_play.sql.
DO $$
BEGIN
    IF to_regclass('core.fct_play') IS NOT NULL THEN
        DROP INDEX IF EXISTS core.fct_play_track_id_idx, core.fct_play_artist_id_idx, core.fct_play_album_id_idx;
        CREATE INDEX ON core.fct_play (track_id, (track_title IS NULL), ended_at DESC);
        CREATE INDEX ON core.fct_play (artist_id, (artist_name IS NULL), ended_at DESC);
        CREATE INDEX ON core.fct_play (album_id, (album_title IS NULL), ended_at DESC);
    END IF;
END
$$;

-- migrate:down
DROP INDEX IF EXISTS core.fct_play_track_id_expr_ended_at_idx, core.fct_play_artist_id_expr_ended_at_idx,
    core.fct_play_album_id_expr_ended_at_idx;
CREATE INDEX ON core.fct_play (track_id);
CREATE INDEX ON core.fct_play (artist_id);
CREATE INDEX ON core.fct_play (album_id);
