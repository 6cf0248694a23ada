-- Grain: one row per artist that a play, a track, a credit or an album refers to.
WITH referenced AS (
    SELECT artist_id FROM dim_track UNION SELECT artist_id FROM bridge_track_artist UNION SELECT artist_id FROM dim_album
),
uses AS (
    SELECT artist_id, ended_at, artist_name FROM fct_play WHERE artist_id IS NOT NULL
    UNION ALL
    SELECT artist_id, NULL::timestamptz, NULL FROM referenced WHERE artist_id IS NOT NULL
),
latest AS (
    SELECT artist_id, arg_min(struct_pack(artist_name), row(
               artist_name IS NULL, coalesce(-epoch_us(ended_at), 0), coalesce(artist_name, ''))) AS last
      FROM uses GROUP BY artist_id
)
SELECT latest.artist_id, coalesce(name, last.artist_name) AS name, popularity, followers, genres, image_url
  FROM latest LEFT JOIN catalog_artist USING (artist_id)
