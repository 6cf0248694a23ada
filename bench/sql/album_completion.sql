-- Grain: one row per listener and album with a counted play.
WITH first_plays AS (
    SELECT listener_id, album_id, track_id, min(played_on) AS first_played_on
      FROM fct_play WHERE is_counted AND album_id IS NOT NULL GROUP BY listener_id, album_id, track_id
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY listener_id, album_id ORDER BY first_played_on, track_id) AS tracks_so_far FROM first_plays
)
SELECT listener_id, album_id, count(*) AS tracks_played, total_tracks,
       share(least(count(*), total_tracks), total_tracks) AS completion,
       min(first_played_on) AS first_played_on, min(first_played_on) FILTER (WHERE tracks_so_far = total_tracks) AS completed_on
  FROM numbered JOIN dim_album USING (album_id) GROUP BY listener_id, album_id, total_tracks
