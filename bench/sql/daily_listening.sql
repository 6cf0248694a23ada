-- Grain: one row per listener and local day with a counted play.
SELECT listener_id, played_on, count(*) AS play_count, coalesce(sum(listened_ms), 0)::bigint AS listened_ms,
       count(DISTINCT track_id) AS track_count, count(DISTINCT artist_id) AS artist_count
  FROM fct_play WHERE is_counted GROUP BY listener_id, played_on
