-- Grain: one row per listener, month and class with a break.
-- Plays are ordered by start and end. The order of plays that are equal in both does not matter: they are in the same month.
WITH breaks AS (
    SELECT listener_id, date_trunc('month', played_on)::date AS month,
           epoch_us(started_at) - max(epoch_us(ended_at)) OVER (PARTITION BY listener_id ORDER BY started_at, ended_at
                                                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS break_us
      FROM fct_play WHERE is_counted
),
counts AS (
    SELECT listener_id, month, CASE WHEN break_us < 300_000_000 THEN 'continuous' WHEN break_us < 3_600_000_000 THEN 'short' ELSE 'long' END
           AS break_class, count(*) AS break_count
      FROM breaks WHERE break_us IS NOT NULL GROUP BY listener_id, month, break_class
)
SELECT *, share(break_count, sum(break_count) OVER (PARTITION BY listener_id, month)) AS share FROM counts
