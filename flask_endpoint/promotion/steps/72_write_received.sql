-- Move the batch's rows from landing to raw.received, each with the play it became; renew the link of rows held before.
-- Counts what the balance needs: rows of the batch without a play, and rows that repeat one held before.
INSERT INTO changed
SELECT v.what, v.row_count
FROM (
    SELECT
        count(*) FILTER (WHERE b.play_id IS NULL) AS unmatched,
        count(*) FILTER (WHERE b.play_id IS NOT NULL AND h.was_held) AS repeated
    FROM held AS h
    LEFT JOIN became AS b USING (item)
    WHERE h.is_new
) AS counted
CROSS JOIN LATERAL (VALUES ('unmatched', unmatched), ('repeated', repeated)) AS v (what, row_count);

UPDATE raw.received AS r
SET play_id = b.play_id, matched_by = b.matched_by
FROM held AS h
LEFT JOIN became AS b USING (item)
WHERE r.batch_id = h.batch_id AND r.row_number = h.row_number
  AND NOT h.is_new
  AND (h.play_id, h.matched_by) IS DISTINCT FROM (b.play_id, b.matched_by);

INSERT INTO raw.received (
    batch_id, row_number, file_number, origin, ts, ended_at, is_end_computed, ms_played, kind, track_id, names_id,
    title, artist_name, album_title, title_key, artist_key, album_key, artist_id, album_id, album_artist_id,
    album_artist_key, album_names_id, is_private, skipped, shuffle, offline, reason_start, reason_end, platform,
    country, context_uri,
    listener_id, import_id, play_id, matched_by
)
SELECT
    p.batch_id, p.row_number, p.file_number, p.origin, p.ts, p.ended_at, p.is_end_computed, p.ms_played, p.kind,
    p.track_id, p.names_id, p.title, p.artist_name, p.album_title, p.title_key, p.artist_key, p.album_key, p.artist_id,
    p.album_id, p.album_artist_id, p.album_artist_key, p.album_names_id, p.is_private, p.skipped, p.shuffle, p.offline,
    p.reason_start, p.reason_end, p.platform, p.country, p.context_uri,
    s.listener_id, h.import_id, b.play_id, b.matched_by
FROM landing.play AS p
JOIN held AS h ON h.batch_id = p.batch_id AND h.row_number = p.row_number AND h.is_new
CROSS JOIN subject AS s
LEFT JOIN became AS b ON b.item = h.item
WHERE p.batch_id = s.batch_id;

DELETE FROM landing.play WHERE batch_id = (SELECT batch_id FROM subject);
