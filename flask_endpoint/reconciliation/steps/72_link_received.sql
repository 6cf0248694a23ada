-- Link every row to the play that it became, where that has changed: a row that makes its play by itself has no link.
-- relinked: those rows, with the play that they gave up and the one that they joined (null: their own).
-- Counts what the balance needs: rows of the batch without a play, and rows that repeat one held before.
INSERT INTO changed
SELECT v.what, v.row_count
FROM (
    SELECT
        count(*) FILTER (WHERE coalesce(b.play_id, h.track_id) IS NULL) AS unmatched,
        count(*) FILTER (WHERE coalesce(b.play_id, h.track_id) IS NOT NULL AND h.was_held) AS repeated
    FROM held AS h
    LEFT JOIN became AS b USING (item_id)
    WHERE h.is_new
) AS counted
CROSS JOIN LATERAL (VALUES ('unmatched', unmatched), ('repeated', repeated)) AS v (what, row_count);

CREATE TEMP TABLE relinked ON COMMIT DROP AS
SELECT h.batch_id, h.row_number, h.item_id, h.joined_play_id AS former_play_id, b.play_id, b.matched_by
FROM held AS h
LEFT JOIN became AS b USING (item_id)
WHERE (h.joined_play_id, h.matched_by) IS DISTINCT FROM (b.play_id, b.matched_by);
ANALYZE relinked;

UPDATE landing.play AS p
SET joined_play_id = n.play_id, matched_by = n.matched_by
FROM relinked AS n
WHERE p.batch_id = n.batch_id AND p.row_number = n.row_number;
