-- Grain: one row per track that a play refers to; with the catalog's values or else those of the latest play.
WITH latest AS (
    SELECT track_id, arg_min(struct_pack(track_title, artist_id, album_id), row(
               track_title IS NULL, -epoch_us(ended_at), coalesce(track_title, ''), artist_id IS NULL, coalesce(artist_id, ''),
               album_id IS NULL, coalesce(album_id, ''))) AS last
      FROM fct_play GROUP BY track_id
)
SELECT latest.track_id, coalesce(known.title, last.track_title) AS title, coalesce(known.artist_ids[1], last.artist_id) AS artist_id,
       coalesce(known.album_id, last.album_id) AS album_id, duration_ms, explicit, popularity, isrc, track_number, disc_number
  FROM latest LEFT JOIN catalog_track AS known USING (track_id)
