-- Grain: one row per album that a play or a track refers to.
WITH uses AS (
    SELECT album_id, ended_at, album_title, artist_id FROM fct_play WHERE album_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT album_id, NULL::timestamptz, NULL, NULL FROM dim_track WHERE album_id IS NOT NULL
),
latest AS (
    SELECT album_id, arg_min(struct_pack(album_title, artist_id), row(
               album_title IS NULL, coalesce(-epoch_us(ended_at), 0), coalesce(album_title, ''), artist_id IS NULL,
               coalesce(artist_id, ''))) AS last
      FROM uses GROUP BY album_id
)
SELECT latest.album_id, coalesce(known.title, last.album_title) AS title, coalesce(known.artist_ids[1], last.artist_id) AS artist_id,
       album_type, total_tracks, release_date, release_precision, label, popularity, image_url
  FROM latest LEFT JOIN catalog_album AS known USING (album_id)
