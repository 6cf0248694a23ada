-- Update landing.play.joined_play_id and matched_by where a row's play changed. A row whose play has the item's id has no link.
--
-- Reads received_row and item_play. Creates changed_link: the rows whose link changed, with the former and the new linked play, null for
-- a play with the item's id. Adds to counter the rows of the batch without a play, and those whose item was known before.
INSERT INTO counter
SELECT v.name, v.value
FROM (
    SELECT
        count(*) FILTER (WHERE coalesce(i.play_id, r.track_id) IS NULL) AS without_play,
        count(*) FILTER (WHERE coalesce(i.play_id, r.track_id) IS NOT NULL AND r.was_known) AS repeated
    FROM received_row AS r
    LEFT JOIN item_play AS i USING (item_id)
    WHERE r.is_new
) AS counted
CROSS JOIN LATERAL (VALUES ('rows_without_play', without_play), ('rows_repeated', repeated)) AS v (name, value);

CREATE TEMP TABLE changed_link ON COMMIT DROP AS
SELECT r.batch_id, r.row_number, r.item_id, r.joined_play_id AS former_play_id, i.play_id, i.matched_by
FROM received_row AS r
LEFT JOIN item_play AS i USING (item_id)
WHERE (r.joined_play_id, r.matched_by) IS DISTINCT FROM (i.play_id, i.matched_by);
ANALYZE changed_link;

UPDATE landing.play AS p
SET joined_play_id = c.play_id, matched_by = c.matched_by
FROM changed_link AS c
WHERE p.batch_id = c.batch_id AND p.row_number = c.row_number;
