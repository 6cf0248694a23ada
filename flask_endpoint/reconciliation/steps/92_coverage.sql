-- What is known without a gap: spans of polls that overlap one another, and of exports. Counts its changes.
-- A poll that waits for the gate, or was refused, breaks the span: its plays are not among the listener's.
CREATE TEMP TABLE covered ON COMMIT DROP AS
WITH poll AS (
    SELECT
        first_ended_at, last_ended_at,
        status, count(*) FILTER (WHERE has_gap OR status <> 'promoted') OVER (ORDER BY landed_at, batch_id) AS island
    FROM landing.batch
    WHERE listener_id = (SELECT listener_id FROM subject)
      AND kind = 'poll' AND first_ended_at IS NOT NULL
),
span AS (
    SELECT min(first_ended_at) AS started_at, max(last_ended_at) AS ended_at, 'polled' AS basis
    FROM poll WHERE status = 'promoted' GROUP BY island
    UNION ALL
    SELECT s.started_at, s.ended_at, s.basis
    FROM raw.import_span AS s
    JOIN raw.import AS i USING (import_id)
    WHERE i.listener_id = (SELECT listener_id FROM subject) AND i.status = 'promoted'
),
-- Of spans that start together one that says less, but reaches further, begins where the others end.
apart AS (
    SELECT
        greatest(started_at, max(ended_at) OVER (
            PARTITION BY started_at
            ORDER BY array_position(ARRAY['export', 'polled', 'partly'], basis), ended_at DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )) AS started_at,
        ended_at, basis, row_number() OVER (
            PARTITION BY started_at ORDER BY array_position(ARRAY['export', 'polled', 'partly'], basis), ended_at DESC
        ) AS place
    FROM span
)
SELECT DISTINCT ON (started_at) started_at, ended_at, basis
FROM apart
WHERE place = 1 OR started_at < ended_at
ORDER BY started_at, array_position(ARRAY['export', 'polled', 'partly'], basis), ended_at DESC;

WITH gone AS (
    DELETE FROM raw.coverage AS c
    WHERE c.listener_id = (SELECT listener_id FROM subject)
      AND NOT EXISTS (SELECT FROM covered AS n WHERE n.started_at = c.started_at)
    RETURNING 1
),
renewed AS (
    INSERT INTO raw.coverage AS c (listener_id, started_at, ended_at, basis)
    SELECT s.listener_id, n.started_at, n.ended_at, n.basis FROM covered AS n CROSS JOIN subject AS s
    ON CONFLICT (listener_id, started_at) DO UPDATE SET ended_at = excluded.ended_at, basis = excluded.basis
    WHERE (c.ended_at, c.basis) IS DISTINCT FROM (excluded.ended_at, excluded.basis)
    RETURNING 1
)
INSERT INTO changed SELECT 'covered', (SELECT count(*) FROM gone) + (SELECT count(*) FROM renewed);
