-- Read all rows of the listener's promoted batches. The batch that is being promoted already has that status.
--
-- Parameters: tables parameters (listener_id, batch_id; batch_id is null when no batch is being promoted) and
-- promoted_batch (batch_id).
-- Creates received_row, one row per row of those batches, with only the columns that matching needs. Rows with an equal
-- item_id are one item: their origin, end, own id and ms_played are equal, whatever import they came with.
--   is_new             whether the row belongs to the batch that is being promoted
--   import_end         the latest end of a row of the same import and origin; null for a poll
--   may_be_late        whether Spotify may have received the row long after its end
--   is_logout          whether the app recorded the row when it signed out; ts can be hours after the end
--   is_broken          whether a name has U+FFFD, which replaces a character that could not be read
--   is_representative  whether the row gives the item its names and flags. One row of each item does: a row that is not
--                      broken, then the row from the import with the latest end, then the smallest by content. If the
--                      content is equal, an earlier row wins over a new one, so that repeated rows change nothing.
--   has_other_names    whether its names differ from those of the item's representative row
--   was_known          whether an earlier batch has the item
-- The subqueries on promoted_batch run once and return arrays, so that the scan and the sort can use several processes.
CREATE TEMP TABLE received_row ON COMMIT DROP AS
WITH import_end AS (
    SELECT batch_id, import_id, origin, max(ended_at) AS import_end
    FROM landing.batch JOIN raw.import_span USING (import_id)
    WHERE batch_id = ANY (ARRAY (SELECT batch_id FROM promoted_batch))
    GROUP BY batch_id, import_id, origin
),
promoted_row AS (
    SELECT
        p.batch_id, p.row_number, i.import_id,
        p.batch_id IS NOT DISTINCT FROM (SELECT batch_id FROM parameters) AS is_new,
        p.item_id, p.origin, p.ts, p.ended_at, p.is_end_computed, p.ms_played, p.kind, p.track_id, p.names_id,
        p.album_names_id, p.joined_play_id, p.matched_by,
        p.offline IS TRUE OR coalesce(starts_with(p.reason_end, 'unexpected-exit') OR p.reason_end = 'logout', false)
            AS may_be_late,
        p.reason_end = 'logout' AS is_logout,
        i.import_end,
        -- strpos is NULL for a missing name, and OR returns true if another name is broken.
        (strpos(p.title, E'\uFFFD') > 0 OR strpos(p.artist_name, E'\uFFFD') > 0 OR strpos(p.album_title, E'\uFFFD') > 0)
            IS TRUE AS is_broken,
        hash_record_extended(ROW (
            p.title, p.artist_name, p.album_title, p.ts, p.is_private, p.skipped, p.shuffle, p.offline, p.reason_start,
            p.reason_end, p.platform, p.country, p.context_uri, p.artist_id, p.album_id, p.album_artist_id, p.album_artist_key
        ), 0) AS content_hash
    FROM landing.play AS p
    LEFT JOIN import_end AS i USING (batch_id, origin)
    WHERE p.batch_id = ANY (ARRAY (SELECT batch_id FROM promoted_batch))
)
SELECT
    *,
    row_number() OVER best_first = 1 AS is_representative,
    names_id IS DISTINCT FROM first_value(names_id) OVER best_first
        OR album_names_id IS DISTINCT FROM first_value(album_names_id) OVER best_first AS has_other_names,
    bool_or(NOT is_new) OVER (PARTITION BY item_id) AS was_known
FROM promoted_row
WINDOW best_first AS (
    PARTITION BY item_id ORDER BY is_broken, import_end DESC NULLS LAST, content_hash, is_new
);

ANALYZE received_row (
    batch_id, row_number, item_id, is_representative, origin, is_new, kind, is_broken, has_other_names
);
