-- migrate:up
-- Promotion no longer copies rows: they stay in landing.play, and the view raw.received shows those of promoted batches.
ALTER TABLE landing.play
    ADD COLUMN item_id        text COLLATE "C",
    ADD COLUMN joined_play_id text COLLATE "C",
    ADD COLUMN matched_by     text COLLATE "C";

INSERT INTO landing.play (
    batch_id, row_number, file_number, origin, ts, ended_at, is_end_computed, ms_played, kind, track_id, names_id, title,
    artist_name, album_title, title_key, artist_key, album_key, artist_id, album_id, album_artist_id, album_artist_key,
    album_names_id, is_private, skipped, shuffle, offline, reason_start, reason_end, platform, country, context_uri,
    joined_play_id, matched_by)
SELECT
    batch_id, row_number, file_number, origin, ts, ended_at, is_end_computed, ms_played, kind, track_id, names_id, title,
    artist_name, album_title, title_key, artist_key, album_key, artist_id, album_id, album_artist_id, album_artist_key,
    album_names_id, is_private, skipped, shuffle, offline, reason_start, reason_end, platform, country, context_uri,
    play_id, matched_by
FROM raw.received;

UPDATE landing.play AS p
SET item_id = encode(sha256(convert_to(concat_ws(
    E'\x1f', b.listener_id, p.origin, (extract(epoch FROM p.ended_at) * 1000000)::bigint, p.track_id, coalesce(p.ms_played, -1)
), 'UTF8')), 'hex')
FROM landing.batch AS b
WHERE b.batch_id = p.batch_id;
DELETE FROM landing.play WHERE item_id IS NULL;  -- rows without a batch
UPDATE landing.play SET joined_play_id = NULL WHERE joined_play_id = item_id;

ALTER TABLE landing.play ALTER COLUMN item_id SET NOT NULL;
DROP TABLE raw.received;
CREATE INDEX play_polled ON landing.play (ended_at) WHERE origin = 'api';
COMMENT ON TABLE landing.play IS 'One row per row received and understood, with or without a name. raw.received shows those of promoted batches.';
COMMENT ON COLUMN landing.play.item_id IS 'SHA-256 hex of listener, origin, end, own id and ms_played: equal for rows that are the same play; also the id of the play if it has no other rows.';
COMMENT ON COLUMN landing.play.joined_play_id IS 'Id of the play that the row joined, if not item_id; set by promotion.';
COMMENT ON COLUMN landing.play.matched_by IS 'How the row was matched with a richer one; set by promotion.';
COMMENT ON COLUMN landing.batch.rows_landed IS 'Rows in landing.play when it landed.';

-- Grain: one row per accepted row, as received. Every play is computed from these rows.
CREATE VIEW raw.received AS
SELECT
    p.batch_id, p.row_number, p.file_number, p.origin, p.ts, p.ended_at, p.is_end_computed, p.ms_played, p.kind, p.track_id,
    p.names_id, p.title, p.artist_name, p.album_title, p.title_key, p.artist_key, p.album_key, p.artist_id, p.album_id,
    p.album_artist_id, p.album_artist_key, p.album_names_id, p.is_private, p.skipped, p.shuffle, p.offline, p.reason_start,
    p.reason_end, p.platform, p.country, p.context_uri,
    b.listener_id, b.import_id,
    coalesce(p.joined_play_id, CASE WHEN p.kind IS NOT NULL THEN p.item_id END) AS play_id,
    p.matched_by
FROM landing.play AS p
JOIN landing.batch AS b USING (batch_id)
WHERE b.status = 'promoted';
COMMENT ON VIEW raw.received IS 'One row per accepted row, as received. Every play is computed from these rows.';
COMMENT ON COLUMN raw.received.listener_id IS 'The listener.';
COMMENT ON COLUMN raw.received.import_id IS 'The import of the row; null for a poll.';
COMMENT ON COLUMN raw.received.play_id IS 'The play of the row; null while the row is unidentified and unmatched.';
COMMENT ON COLUMN raw.received.matched_by IS 'How an account or API row was matched with a richer row: api, pass 1 to pass 4, account pass 1, account pass 2; renamed: in another export of the same origin; null when it was not matched.';

-- migrate:down
