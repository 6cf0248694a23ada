-- Grain: one row per listener, month, weekday and hour with a counted play.
SELECT listener_id, date_trunc('month', played_on)::date AS month, iso_weekday, hour,
       count(*) AS play_count, coalesce(sum(listened_ms), 0)::bigint AS listened_ms
  FROM fct_play WHERE is_counted GROUP BY ALL
