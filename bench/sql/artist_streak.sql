-- Grain: one row per listener, artist and run of at least two days.
WITH days AS (
    SELECT listener_id, artist_id, played_on, count(*) AS plays
      FROM fct_play WHERE is_counted AND artist_id IS NOT NULL GROUP BY listener_id, artist_id, played_on
),
numbered AS (
    SELECT *, played_on - (row_number() OVER (PARTITION BY listener_id, artist_id ORDER BY played_on))::integer AS run FROM days
)
SELECT listener_id, artist_id, min(played_on) AS started_on, max(played_on) AS ended_on, count(*) AS day_count,
       sum(plays)::bigint AS play_count
  FROM numbered GROUP BY listener_id, artist_id, run HAVING count(*) >= 2
