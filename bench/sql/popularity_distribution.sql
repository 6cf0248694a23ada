-- Grain: one row per listener, month and popularity bracket with a counted play.
WITH counts AS (
    SELECT listener_id, date_trunc('month', played_on)::date AS month,
           CASE WHEN popularity IS NULL THEN -1 ELSE least(popularity // 10, 9) END AS popularity_bracket, count(*) AS play_count
      FROM fct_play LEFT JOIN dim_track USING (track_id) WHERE is_counted GROUP BY ALL
)
SELECT *, share(play_count, sum(play_count) OVER (PARTITION BY listener_id, month)) AS share FROM counts
