-- Batch 1: one play of a poll. Batch 2: an import's extended and account rows, one of them unidentified, one rejected.
TRUNCATE raw.listener, raw.import, landing.batch, landing.play, landing.rejected, landing.check_result
         RESTART IDENTITY CASCADE;

INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana');
INSERT INTO raw.import (listener_id, files) VALUES ('ana', '{a.json,b.json}');
INSERT INTO landing.batch (listener_id, kind, import_id, rows_landed, rows_refused)
VALUES ('ana', 'poll', NULL, 1, 0), ('ana', 'import', 1, 19, 1);

INSERT INTO landing.play (
    batch_id, row_number, item_id, origin, ts, ended_at, is_end_computed, ms_played, kind, track_id, artist_id, album_id,
    title, title_key, artist_name, artist_key, is_private)
VALUES (1, 1, repeat('1', 64), 'api', now(), now(), false, NULL, 'track', repeat('4', 22), repeat('5', 22), repeat('6', 22),
        'Title', 'title', 'Artist', 'artist', false);
INSERT INTO landing.play (
    batch_id, row_number, file_number, item_id, origin, ts, ended_at, is_end_computed, ms_played, kind, track_id,
    title, title_key, artist_name, artist_key, is_private)
SELECT 2, n, 1, lpad(n::text, 64, '0'), 'extended', at, at, false, 1000 * n, 'track', repeat('7', 22), 'Title', 'title', 'Artist', 'artist', false
FROM generate_series(1, 17) AS n, (VALUES ('2024-05-01 12:00:07+00'::timestamptz)) AS heard (at);
INSERT INTO landing.play (
    batch_id, row_number, file_number, item_id, origin, ts, ended_at, is_end_computed, ms_played, kind, track_id,
    title, title_key, artist_name, artist_key, is_private)
VALUES (2, 18, 2, repeat('2', 64), 'account', '2024-05-01 12:00+00', '2024-05-01 12:00+00', false, 1000, 'track',
        'x:track:' || repeat('a', 32), 'Title', 'title', 'Artist', 'artist', false),
       (2, 19, 1, repeat('3', 64), 'extended', '2024-05-01 12:00:07+00', '2024-05-01 12:00:07+00', false, 0, NULL,
        NULL, NULL, NULL, NULL, NULL, false);
INSERT INTO landing.rejected VALUES (2, 20, 'a.json', 18, 'ms_played is not an integer in 0..86,400,000');
