-- Grain: one row per listener and month with a counted play; an item is new in the month of its earliest play.
WITH plays AS (
    SELECT listener_id, date_trunc('month', played_on)::date AS month, ended_at, track_id, artist_id FROM fct_play WHERE is_counted
),
track_months AS (
    SELECT listener_id, track_id, month, count(*) AS play_count, min(ended_at) AS first_ended_at
      FROM plays GROUP BY listener_id, track_id, month
),
first_months AS (
    SELECT listener_id, arg_min(month, first_ended_at) AS month, arg_min(play_count, first_ended_at) AS play_count
      FROM track_months GROUP BY listener_id, track_id
),
artist_months AS (
    SELECT listener_id, arg_min(month, ended_at) AS month FROM plays WHERE artist_id IS NOT NULL GROUP BY listener_id, artist_id
),
months AS (
    SELECT listener_id, date_trunc('month', played_on)::date AS month, sum(play_count)::bigint AS play_count
      FROM daily_listening GROUP BY ALL
),
new_tracks AS (
    SELECT listener_id, month, count(*) AS new_track_count, sum(play_count)::bigint AS plays_of_new_tracks
      FROM first_months GROUP BY listener_id, month
),
new_artists AS (SELECT listener_id, month, count(*) AS new_artist_count FROM artist_months GROUP BY listener_id, month)
SELECT listener_id, month, coalesce(new_track_count, 0) AS new_track_count, coalesce(new_artist_count, 0) AS new_artist_count,
       months.play_count, coalesce(plays_of_new_tracks, 0) AS plays_of_new_tracks
  FROM months LEFT JOIN new_tracks USING (listener_id, month) LEFT JOIN new_artists USING (listener_id, month)
