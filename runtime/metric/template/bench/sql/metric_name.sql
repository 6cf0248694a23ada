-- Grain: one row per listener and local month with a counted play.
SELECT listener_id, date_trunc('month', played_on)::date AS month, count(*) AS play_count,
       coalesce(sum(listened_ms), 0)::bigint AS listened_ms
  FROM fct_play WHERE is_counted GROUP BY ALL
