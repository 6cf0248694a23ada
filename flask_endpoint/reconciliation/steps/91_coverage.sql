-- Update raw.coverage: the spans in which all or some plays of the listener are known.
--
-- Parameters: parameters (listener_id, batch_id). Creates covered_span, the current spans. Adds to counter how many changed.
CREATE TEMP TABLE covered_span ON COMMIT DROP AS
-- Polls in order, numbered by the unbroken series that they belong to. A poll that is waiting for the gate or was refused ends a
-- series, because its plays are not among the listener's.
WITH poll AS (
    SELECT
        first_ended_at, last_ended_at, status,
        count(*) FILTER (WHERE has_gap OR status <> 'promoted') OVER (ORDER BY landed_at, batch_id) AS series
    FROM landing.batch
    WHERE listener_id = (SELECT listener_id FROM parameters)
      AND kind = 'poll' AND first_ended_at IS NOT NULL
),
span AS (
    SELECT min(first_ended_at) AS started_at, max(last_ended_at) AS ended_at, 'polled' AS basis
    FROM poll WHERE status = 'promoted' GROUP BY series
    UNION ALL
    SELECT s.started_at, s.ended_at, s.basis
    FROM raw.import_span AS s
    JOIN raw.import AS i USING (import_id)
    WHERE i.listener_id = (SELECT listener_id FROM parameters) AND i.status = 'promoted'
),
-- If several spans start together, a weaker, longer one starts where the stronger ones end.
shifted_span AS (
    SELECT
        greatest(started_at, max(ended_at) OVER (
            PARTITION BY started_at
            ORDER BY array_position(ARRAY['export', 'polled', 'partly'], basis), ended_at DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )) AS started_at,
        ended_at, basis, row_number() OVER (
            PARTITION BY started_at ORDER BY array_position(ARRAY['export', 'polled', 'partly'], basis), ended_at DESC
        ) AS rank
    FROM span
)
SELECT DISTINCT ON (started_at) started_at, ended_at, basis
FROM shifted_span
WHERE rank = 1 OR started_at < ended_at
ORDER BY started_at, array_position(ARRAY['export', 'polled', 'partly'], basis), ended_at DESC;

WITH deleted AS (
    DELETE FROM raw.coverage AS c
    WHERE c.listener_id = (SELECT listener_id FROM parameters)
      AND NOT EXISTS (SELECT FROM covered_span AS s WHERE s.started_at = c.started_at)
    RETURNING 1
),
upserted AS (
    INSERT INTO raw.coverage AS c (listener_id, started_at, ended_at, basis)
    SELECT p.listener_id, s.started_at, s.ended_at, s.basis FROM covered_span AS s CROSS JOIN parameters AS p
    ON CONFLICT (listener_id, started_at) DO UPDATE SET ended_at = excluded.ended_at, basis = excluded.basis
    WHERE (c.ended_at, c.basis) IS DISTINCT FROM (excluded.ended_at, excluded.basis)
    RETURNING 1
)
INSERT INTO counter SELECT 'spans_changed', (SELECT count(*) FROM deleted) + (SELECT count(*) FROM upserted);
