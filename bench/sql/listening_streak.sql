-- Grain: one row per listener and unbroken run of days.
WITH numbered AS (
    SELECT *, played_on - (row_number() OVER (PARTITION BY listener_id ORDER BY played_on))::integer AS run FROM daily_listening
)
SELECT listener_id, min(played_on) AS started_on, max(played_on) AS ended_on, count(*) AS day_count, sum(play_count)::bigint AS play_count
  FROM numbered GROUP BY listener_id, run
