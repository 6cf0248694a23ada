-- Drop from a landed poll what is no news: items held already, and repetitions within the page. Counts them in changed.
-- The API repeats its latest 50 plays every time; one copy is kept.
CREATE TEMP TABLE changed (what text PRIMARY KEY, row_count bigint NOT NULL) ON COMMIT DROP;

WITH known AS (
    DELETE FROM landing.play AS p
    USING landing.batch AS b
    WHERE b.batch_id = (SELECT batch_id FROM subject JOIN landing.batch USING (batch_id) WHERE kind = 'poll')
      AND p.batch_id = b.batch_id
      AND (
          EXISTS (
              SELECT FROM landing.play AS r
              WHERE r.batch_id IN (SELECT batch_id FROM batch_held WHERE batch_held.batch_id <> b.batch_id)
                AND r.origin = 'api' AND r.ended_at = p.ended_at AND r.track_id IS NOT DISTINCT FROM p.track_id
          )
          OR EXISTS (
              SELECT FROM landing.play AS q
              WHERE q.batch_id = p.batch_id AND q.row_number < p.row_number AND q.ended_at = p.ended_at
                AND q.track_id IS NOT DISTINCT FROM p.track_id
          )
      )
    RETURNING p.track_id
)
INSERT INTO changed
SELECT v.what, v.row_count
FROM (SELECT count(track_id) AS repeated, count(*) - count(track_id) AS unmatched FROM known) AS counted
CROSS JOIN LATERAL (VALUES ('known', repeated), ('known without a play', unmatched)) AS v (what, row_count);

-- A page without news covers nothing that was not covered.
UPDATE landing.batch AS b
SET first_ended_at = NULL, last_ended_at = NULL
WHERE b.batch_id = (SELECT batch_id FROM subject) AND b.kind = 'poll'
  AND NOT EXISTS (SELECT FROM landing.play AS p WHERE p.batch_id = b.batch_id);
