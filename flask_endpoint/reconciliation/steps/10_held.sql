-- Every row held of the listener, the batch to be promoted included: its batch counts as promoted already. Rows with equal
-- item_id are one item: of one origin, with equal end, own id and ms_played, whatever import they came with.
-- Reads subject (listener_id, batch_id; a null batch recomputes what is held).
-- Only what the matching needs; names and flags stay where they are. Temporary tables are read in subqueries that run once, so that
-- several processes can scan and sort.
-- place:    1 is the row that speaks for the item: of the import that reaches furthest, then by content. Of rows that do not
--           differ an earlier one goes on speaking, so that what is only repeated changes nothing.
-- was_held: whether an earlier batch has the item.
CREATE TEMP TABLE held ON COMMIT DROP AS
WITH row_held AS (
    SELECT
        p.batch_id, p.row_number, i.import_id, p.batch_id IS NOT DISTINCT FROM (SELECT batch_id FROM subject) AS is_new, p.item_id, p.origin, p.ts,
        p.ended_at, p.is_end_computed, p.ms_played, p.kind, p.track_id, p.names_id, p.album_names_id, p.joined_play_id, p.matched_by,
        p.offline IS TRUE OR coalesce(starts_with(p.reason_end, 'unexpected-exit'), false) AS may_be_late,
        i.reach,
        hash_record_extended(ROW (
            p.title, p.artist_name, p.album_title, p.ts, p.is_private, p.skipped, p.shuffle, p.offline, p.reason_start,
            p.reason_end, p.platform, p.country, p.context_uri, p.artist_id, p.album_id, p.album_artist_id, p.album_artist_key
        ), 0) AS content
    FROM landing.play AS p
    LEFT JOIN (
        SELECT batch_id, import_id, origin, max(ended_at) AS reach
        FROM landing.batch JOIN raw.import_span USING (import_id)
        WHERE batch_id = ANY (ARRAY (SELECT batch_id FROM batch_held))
        GROUP BY batch_id, import_id, origin
    ) AS i USING (batch_id, origin)
    WHERE p.batch_id = ANY (ARRAY (SELECT batch_id FROM batch_held))
)
SELECT
    *,
    row_number() OVER (PARTITION BY item_id ORDER BY reach DESC NULLS LAST, content, is_new) AS place,
    bool_or(NOT is_new) OVER (PARTITION BY item_id) AS was_held
FROM row_held;

ANALYZE held (batch_id, row_number, item_id, place, origin, is_new, kind);
