-- Grain: one row per listener, month and class of pause with a pause in it.
-- Plays in order of start and end: the id would only decide between plays that agree in both, and those are of one month.
WITH after AS (
    SELECT listener_id, date_trunc('month', played_on)::date AS month,
           epoch_us(started_at) - max(epoch_us(ended_at)) OVER (PARTITION BY listener_id ORDER BY started_at, ended_at
                                                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS pause_us
      FROM fct_play WHERE is_counted
),
counts AS (
    SELECT listener_id, month, CASE WHEN pause_us < 300_000_000 THEN 'continuous' WHEN pause_us < 3_600_000_000 THEN 'short' ELSE 'long' END
           AS break_class, count(*) AS break_count
      FROM after WHERE pause_us IS NOT NULL GROUP BY listener_id, month, break_class
)
SELECT *, share(break_count, sum(break_count) OVER (PARTITION BY listener_id, month)) AS share FROM counts
