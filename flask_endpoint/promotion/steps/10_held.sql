-- Every row held of the listener, the batch to be promoted included, each with its item: the rows of one origin with equal
-- end, own id and ms_played are one item, whatever import they came with.
-- Reads subject (listener_id, batch_id; a null batch recomputes what is held).
-- Only what the matching needs; names and flags stay where they are.
-- item:     numbered by content, so that the order of arrival decides nothing.
-- place:    1 is the row that speaks for the item: of the import that reaches furthest, then by content.
-- was_held: whether an earlier batch has the item.
CREATE TEMP TABLE held ON COMMIT DROP AS
WITH received AS (
    SELECT
        r.batch_id, r.row_number, r.import_id, false AS is_new, r.origin, r.ts, r.ended_at, r.is_end_computed, r.ms_played,
        r.kind, r.track_id, r.names_id, r.album_names_id, r.play_id, r.matched_by,
        r.offline IS TRUE OR coalesce(starts_with(r.reason_end, 'unexpected-exit'), false) AS may_be_late,
        hash_record_extended(ROW (
            r.title, r.artist_name, r.album_title, r.ts, r.is_private, r.skipped, r.shuffle, r.offline, r.reason_start,
            r.reason_end, r.platform, r.country, r.context_uri, r.artist_id, r.album_id
        ), 0) AS content
    FROM raw.received AS r
    WHERE r.listener_id = (SELECT listener_id FROM subject)
    UNION ALL
    SELECT
        p.batch_id, p.row_number, b.import_id, true, p.origin, p.ts, p.ended_at, p.is_end_computed, p.ms_played,
        p.kind, p.track_id, p.names_id, p.album_names_id, NULL, NULL,
        p.offline IS TRUE OR coalesce(starts_with(p.reason_end, 'unexpected-exit'), false),
        hash_record_extended(ROW (
            p.title, p.artist_name, p.album_title, p.ts, p.is_private, p.skipped, p.shuffle, p.offline, p.reason_start,
            p.reason_end, p.platform, p.country, p.context_uri, p.artist_id, p.album_id
        ), 0)
    FROM landing.play AS p
    JOIN landing.batch AS b USING (batch_id)
    WHERE p.batch_id = (SELECT batch_id FROM subject)
)
SELECT
    r.*,
    s.ended_at AS reach,
    dense_rank() OVER (ORDER BY r.origin, r.ended_at, r.track_id, r.ms_played) AS item,
    row_number() OVER (
        PARTITION BY r.origin, r.ended_at, r.track_id, r.ms_played ORDER BY s.ended_at DESC NULLS LAST, r.content
    ) AS place,
    bool_or(NOT r.is_new) OVER (PARTITION BY r.origin, r.ended_at, r.track_id, r.ms_played) AS was_held
FROM received AS r
LEFT JOIN raw.import_span AS s USING (import_id, origin);

ANALYZE held (batch_id, row_number, item, place, origin, is_new, kind);
