-- Grain: one row per listener and session: track plays with breaks of at most 30 minutes.
WITH included AS (
    SELECT play.* FROM fct_play AS play JOIN dim_listener USING (listener_id)
     WHERE kind = 'track' AND (NOT is_private OR counts_private)
),
with_latest_end AS (
    SELECT *, max(ended_at) OVER (PARTITION BY listener_id ORDER BY started_at, ended_at, play_id
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest_end_before
      FROM included
),
numbered AS (
    SELECT *, sum(coalesce((started_at > latest_end_before + INTERVAL 30 MINUTE)::integer, 0)) OVER (
                  PARTITION BY listener_id ORDER BY started_at, ended_at, play_id ROWS UNBOUNDED PRECEDING) AS session
      FROM with_latest_end
)
SELECT listener_id, min(started_at) AS started_at, max(ended_at) AS ended_at, count(*) AS play_count,
       count(*) FILTER (WHERE is_counted) AS counted_count, coalesce(sum(listened_ms), 0)::bigint AS listened_ms,
       count(DISTINCT track_id) AS track_count, count(DISTINCT artist_id) AS artist_count, count(*) FILTER (WHERE skipped) AS skip_count
  FROM numbered GROUP BY listener_id, session
