-- Grain: one row per listener and album with a counted play.
WITH first_heard AS (
    SELECT listener_id, album_id, track_id, min(played_on) AS heard_on
      FROM fct_play WHERE is_counted AND album_id IS NOT NULL GROUP BY listener_id, album_id, track_id
),
in_order AS (
    SELECT *, row_number() OVER (PARTITION BY listener_id, album_id ORDER BY heard_on, track_id) AS heard_so_far FROM first_heard
)
SELECT listener_id, album_id, count(*) AS tracks_played, total_tracks,
       share(least(count(*), total_tracks), total_tracks) AS completion,
       min(heard_on) AS first_played_on, min(heard_on) FILTER (WHERE heard_so_far = total_tracks) AS completed_on
  FROM in_order JOIN dim_album USING (album_id) GROUP BY listener_id, album_id, total_tracks
