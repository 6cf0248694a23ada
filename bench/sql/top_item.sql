-- Grain: one row per listener, period, item kind and rank.
WITH plays AS (
    SELECT listener_id, date_trunc('month', played_on)::date AS month, listened_ms, track_id, artist_id, album_id FROM fct_play WHERE is_counted
),
months AS MATERIALIZED (
    SELECT listener_id, month, count(*) AS play_count, coalesce(sum(listened_ms), 0)::bigint AS listened_ms,
           coalesce(track_id, artist_id, album_id) AS item_id, -- Only the column of this grouping set is not null.
           CASE 0 WHEN grouping(track_id) THEN 'track' WHEN grouping(artist_id) THEN 'artist' ELSE 'album' END AS item_kind
      FROM plays GROUP BY listener_id, month, GROUPING SETS (track_id, artist_id, album_id) HAVING item_id IS NOT NULL
),
years AS MATERIALIZED (
    SELECT listener_id, item_kind, item_id, date_trunc('year', month)::date AS year, sum(play_count)::bigint AS play_count,
           sum(listened_ms)::bigint AS listened_ms
      FROM months GROUP BY ALL
),
periods AS (
    SELECT listener_id, 'month' AS period, month AS period_start, item_kind, item_id, play_count, listened_ms FROM months
    UNION ALL
    SELECT listener_id, 'year', year, item_kind, item_id, play_count, listened_ms FROM years
    UNION ALL
    SELECT listener_id, 'all', DATE '1970-01-01', item_kind, item_id, sum(play_count)::bigint, sum(listened_ms)::bigint
      FROM years GROUP BY ALL
),
-- min(..., 100) keeps only the first hundred while reading, so nothing is sorted completely.
firsts AS (
    SELECT listener_id, period, period_start, item_kind, min(row(-play_count, -listened_ms, item_id), 100) AS items
      FROM periods GROUP BY ALL
),
ranked AS (
    SELECT * EXCLUDE (items), generate_subscripts(items, 1) AS rank, unnest(items) AS item FROM firsts
)
SELECT * EXCLUDE (item), item[3] AS item_id, -item[1] AS play_count, -item[2] AS listened_ms FROM ranked
