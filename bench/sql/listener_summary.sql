-- Grain: one row per listener with a counted play.
WITH plays AS (SELECT * FROM fct_play WHERE is_counted),
totals AS (
    SELECT listener_id, min(ended_at) AS first_played_at, max(ended_at) AS last_played_at, count(*) AS play_count,
           coalesce(sum(listened_ms), 0)::bigint AS listened_ms, count(DISTINCT track_id) AS track_count,
           count(DISTINCT artist_id) AS artist_count, count(DISTINCT album_id) AS album_count, count(DISTINCT played_on) AS day_count
      FROM plays GROUP BY listener_id
),
days AS (SELECT listener_id, played_on, coalesce(sum(listened_ms), 0) AS listened_ms FROM plays GROUP BY listener_id, played_on),
numbered AS (SELECT *, played_on - (row_number() OVER (PARTITION BY listener_id ORDER BY played_on))::integer AS run FROM days),
runs AS (SELECT listener_id, count(*) AS day_count FROM numbered GROUP BY listener_id, run),
streaks AS (SELECT listener_id, max(day_count) AS longest_streak_days FROM runs GROUP BY listener_id),
busiest AS (SELECT listener_id, arg_min(played_on, row(-listened_ms, played_on)) AS busiest_day FROM days GROUP BY listener_id),
sessions AS (
    SELECT listener_id, max(epoch_ms(ended_at) - epoch_ms(started_at)) AS longest_session_ms FROM listening_session GROUP BY listener_id
)
SELECT listener_id, first_played_at, last_played_at, play_count, listened_ms, track_count, artist_count, album_count, day_count,
       longest_streak_days, longest_session_ms, busiest_day
  FROM totals JOIN streaks USING (listener_id) JOIN sessions USING (listener_id) JOIN busiest USING (listener_id)
