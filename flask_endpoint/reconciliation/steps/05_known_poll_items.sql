-- Drop from a landed poll the items that are already known, and repetitions within its page.
-- The API returns its latest 50 plays on every poll. One copy of each is kept.
--
-- Parameters: parameters (listener_id, batch_id) and promoted_batch (batch_id).
-- Creates counter (name, value). This step and later ones add the numbers that recompute() returns.
CREATE TEMP TABLE counter (name text PRIMARY KEY, value bigint NOT NULL) ON COMMIT DROP;

WITH dropped_item AS (
    DELETE FROM landing.play AS p
    USING landing.batch AS b
    WHERE b.batch_id = (SELECT batch_id FROM parameters JOIN landing.batch USING (batch_id) WHERE kind = 'poll')
      AND p.batch_id = b.batch_id
      AND (
          EXISTS (
              SELECT FROM landing.play AS known
              WHERE known.batch_id IN (SELECT batch_id FROM promoted_batch WHERE promoted_batch.batch_id <> b.batch_id)
                AND known.origin = 'api' AND known.ended_at = p.ended_at AND known.track_id IS NOT DISTINCT FROM p.track_id
          )
          OR EXISTS (
              SELECT FROM landing.play AS earlier
              WHERE earlier.batch_id = p.batch_id AND earlier.row_number < p.row_number AND earlier.ended_at = p.ended_at
                AND earlier.track_id IS NOT DISTINCT FROM p.track_id
          )
      )
    RETURNING p.track_id
)
INSERT INTO counter
SELECT v.name, v.value
FROM (SELECT count(track_id) AS repeated, count(*) - count(track_id) AS without_play FROM dropped_item) AS counted
CROSS JOIN LATERAL (
    VALUES ('dropped_rows_repeated', repeated), ('dropped_rows_without_play', without_play)
) AS v (name, value);

-- A page without new items adds nothing to coverage.
UPDATE landing.batch AS b
SET first_ended_at = NULL, last_ended_at = NULL
WHERE b.batch_id = (SELECT batch_id FROM parameters) AND b.kind = 'poll'
  AND NOT EXISTS (SELECT FROM landing.play AS p WHERE p.batch_id = b.batch_id);
