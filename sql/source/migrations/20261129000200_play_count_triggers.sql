-- migrate:up
-- Maintain the counts of the previous migration.
--
-- 1. Triggers of each source table insert what a statement changed into raw.count_change. Inserts do not wait for each other,
--    so imports of several listeners run in parallel even when they touch the same tracks.
-- 2. A deferred trigger of raw.count_change applies the changes when the transaction commits, one transaction at a time. The
--    lock for this is the last that a transaction takes, so it cannot be part of a deadlock.

CREATE FUNCTION raw.note_play_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO raw.count_change (track_ids, track_changes)
        SELECT array_agg(track_id), array_agg(play_count)
        FROM (SELECT track_id, count(*) AS play_count FROM new_row WHERE kind = 'track' GROUP BY track_id) AS play
        HAVING count(*) > 0;
        INSERT INTO raw.count_change (listener_ids, listener_changes)
        SELECT array_agg(listener_id), array_agg(play_count)
        FROM (SELECT listener_id, count(*) AS play_count FROM new_row GROUP BY listener_id) AS play
        HAVING count(*) > 0;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO raw.count_change (track_ids, track_changes)
        SELECT array_agg(track_id), array_agg(-play_count)
        FROM (SELECT track_id, count(*) AS play_count FROM old_row WHERE kind = 'track' GROUP BY track_id) AS play
        HAVING count(*) > 0;
        INSERT INTO raw.count_change (listener_ids, listener_changes)
        SELECT array_agg(listener_id), array_agg(-play_count)
        FROM (SELECT listener_id, count(*) AS play_count FROM old_row GROUP BY listener_id) AS play
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON raw.play
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_play_change();
CREATE TRIGGER count_updated AFTER UPDATE ON raw.play
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_play_change();
CREATE TRIGGER count_deleted AFTER DELETE ON raw.play
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_play_change();

-- For landing.batch and landing.play: a batch is counted as it is at the commit.
CREATE FUNCTION raw.note_batch_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO raw.count_change (batch_ids)
        SELECT array_agg(batch_id) FROM (SELECT DISTINCT batch_id FROM new_row) AS batch HAVING count(*) > 0;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO raw.count_change (batch_ids)
        SELECT array_agg(batch_id) FROM (SELECT DISTINCT batch_id FROM old_row) AS batch HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON landing.batch
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_batch_change();
CREATE TRIGGER count_updated AFTER UPDATE ON landing.batch
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_batch_change();
CREATE TRIGGER count_deleted AFTER DELETE ON landing.batch
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_batch_change();
CREATE TRIGGER count_inserted AFTER INSERT ON landing.play
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_batch_change();
CREATE TRIGGER count_deleted AFTER DELETE ON landing.play
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_batch_change();

-- Promotion updates many rows of landing.play, but none of these columns, so it does not pay for this trigger.
CREATE FUNCTION raw.note_landed_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO raw.count_change (batch_ids) VALUES (ARRAY[OLD.batch_id, NEW.batch_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER count_updated AFTER UPDATE OF batch_id, kind, track_id ON landing.play
    FOR EACH ROW EXECUTE FUNCTION raw.note_landed_row_change();

-- For the tables of the catalog. The argument is the kind of item.
CREATE FUNCTION raw.note_catalog_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    note constant text := 'INSERT INTO raw.count_change (item_kind, item_ids) SELECT %1$L, array_agg(%1$s_id) FROM %2$s HAVING count(*) > 0';
BEGIN
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format(note, TG_ARGV[0], 'new_row');
    END IF;
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format(note, TG_ARGV[0], 'old_row');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON raw.catalog_track
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('track');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.catalog_track
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('track');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.catalog_track
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('track');
CREATE TRIGGER count_inserted AFTER INSERT ON raw.catalog_album
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('album');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.catalog_album
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('album');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.catalog_album
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('album');
CREATE TRIGGER count_inserted AFTER INSERT ON raw.catalog_artist
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('artist');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.catalog_artist
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('artist');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.catalog_artist
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_catalog_change('artist');

-- The plays of a provisional id move from its former Spotify id to its new one.
CREATE FUNCTION raw.note_id_map_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO raw.count_change (item_kind, item_ids)
        SELECT 'track', array_agg(spotify_id) || array_agg(provisional_id) FROM new_row HAVING count(*) > 0;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO raw.count_change (item_kind, item_ids)
        SELECT 'track', array_agg(spotify_id) || array_agg(provisional_id) FROM old_row HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON raw.id_map
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_id_map_change();
CREATE TRIGGER count_updated AFTER UPDATE ON raw.id_map
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_id_map_change();
CREATE TRIGGER count_deleted AFTER DELETE ON raw.id_map
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_id_map_change();

CREATE FUNCTION raw.note_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO raw.count_change (is_recount) VALUES (true);
    RETURN NULL;
END
$$;
CREATE TRIGGER count_truncated AFTER TRUNCATE ON raw.play EXECUTE FUNCTION raw.note_truncation();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON landing.batch EXECUTE FUNCTION raw.note_truncation();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON landing.play EXECUTE FUNCTION raw.note_truncation();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON raw.id_map EXECUTE FUNCTION raw.note_truncation();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON raw.catalog_track EXECUTE FUNCTION raw.note_truncation();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON raw.catalog_album EXECUTE FUNCTION raw.note_truncation();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON raw.catalog_artist EXECUTE FUNCTION raw.note_truncation();

-- The next functions run only in raw.apply_count_changes, under its lock.
-- Add the recorded changes to raw.track_play_count; return the own ids whose count changed.
CREATE FUNCTION raw.count_tracks() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    batches constant bigint[] := ARRAY (SELECT DISTINCT unnest(batch_ids) FROM raw.count_change);
    changed_ids text[];
    changes bigint[];
BEGIN
    WITH batch AS (
        DELETE FROM raw.landed_play_count WHERE batch_id = ANY (batches) RETURNING track_ids, play_counts
    )
    SELECT array_agg(t.track_id), array_agg(-t.play_count) INTO changed_ids, changes
    FROM batch CROSS JOIN LATERAL unnest(track_ids, play_counts) AS t (track_id, play_count);

    WITH play AS (
        SELECT p.batch_id, p.track_id, count(*) AS play_count
        FROM landing.batch AS b JOIN landing.play AS p USING (batch_id)
        WHERE b.batch_id = ANY (batches) AND b.status = 'landed' AND b.kind = 'poll' AND p.kind = 'track'
        GROUP BY p.batch_id, p.track_id
    ),
    batch AS (
        INSERT INTO raw.landed_play_count (batch_id, track_ids, play_counts)
        SELECT batch_id, array_agg(track_id), array_agg(play_count) FROM play GROUP BY batch_id
        RETURNING track_ids, play_counts
    ),
    change AS (
        SELECT track_id, sum(play_count)::bigint AS play_count
        FROM (
            SELECT t.track_id, t.play_count
            FROM raw.count_change CROSS JOIN LATERAL unnest(track_ids, track_changes) AS t (track_id, play_count)
            UNION ALL
            SELECT t.track_id, t.play_count FROM batch CROSS JOIN LATERAL unnest(track_ids, play_counts) AS t (track_id, play_count)
            UNION ALL
            SELECT t.track_id COLLATE "C", t.play_count FROM unnest(changed_ids, changes) AS t (track_id, play_count)
        ) AS part
        GROUP BY track_id
        HAVING sum(play_count) <> 0
    ),
    counted AS (
        INSERT INTO raw.track_play_count AS c (track_id, play_count)
        SELECT track_id, play_count FROM change
        ON CONFLICT (track_id) DO UPDATE SET play_count = c.play_count + excluded.play_count
        RETURNING track_id
    )
    SELECT array_agg(track_id) INTO changed_ids FROM counted;
    DELETE FROM raw.track_play_count WHERE track_id = ANY (changed_ids) AND play_count = 0;
    RETURN coalesce(changed_ids, '{}');
END
$$;

CREATE FUNCTION raw.count_listeners() RETURNS void LANGUAGE sql AS $$
    INSERT INTO raw.listener_play_count AS c (listener_id, play_count)
    SELECT l.listener_id, sum(l.play_count)
    FROM raw.count_change CROSS JOIN LATERAL unnest(listener_ids, listener_changes) AS l (listener_id, play_count)
    GROUP BY l.listener_id
    HAVING sum(l.play_count) <> 0
    ON CONFLICT (listener_id) DO UPDATE SET play_count = c.play_count + excluded.play_count;
    DELETE FROM raw.listener_play_count WHERE play_count = 0;
$$;

-- Bring raw.enrichment_item and its totals up to date for Spotify ids that may have changed: `tracks`, and the other items in
-- raw.count_change. One statement, because most of the time is spent on looking items up.
CREATE FUNCTION raw.count_items(tracks text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH track AS (
        SELECT id COLLATE "C" AS id FROM unnest(tracks) AS id
    ),
    play AS (
        SELECT t.id, c.play_count
        FROM track AS t JOIN raw.track_play_count AS c ON c.track_id = t.id
        WHERE NOT EXISTS (SELECT FROM raw.id_map AS m WHERE m.provisional_id = t.id)
        UNION ALL
        SELECT t.id, c.play_count
        FROM track AS t
        JOIN raw.id_map AS m ON m.spotify_id = t.id
        JOIN raw.track_play_count AS c ON c.track_id = m.provisional_id
    ),
    part AS (
        SELECT p.id, p.play_count, c.album_id, c.artist_ids
        FROM play AS p LEFT JOIN raw.catalog_track AS c ON c.track_id = p.id
        UNION ALL
        SELECT t.id, -i.play_count, i.album_id, i.artist_ids
        FROM track AS t JOIN raw.enrichment_item AS i ON i.item_kind = 'track' AND i.item_id = t.id
    ),
    change AS (
        SELECT 'track' COLLATE "C" AS kind, id, play_count FROM part
        UNION ALL
        SELECT 'album', album_id, play_count FROM part WHERE album_id IS NOT NULL
        UNION ALL
        SELECT 'artist', a.id, play_count FROM part CROSS JOIN LATERAL unnest(artist_ids) AS a (id)
        UNION ALL  -- Only whether they are known may have changed.
        SELECT i.item_kind, i.item_id, 0
        FROM raw.count_change AS c
        CROSS JOIN LATERAL unnest(c.item_ids) AS u (id)
        JOIN raw.enrichment_item AS i ON i.item_kind = c.item_kind AND i.item_id = u.id
    ),
    item AS MATERIALIZED (
        SELECT
            n.kind, n.id, coalesce(i.play_count, 0) + n.play_count AS play_count, t.album_id, t.artist_ids,
            coalesce(t.fetched_at, l.fetched_at, a.fetched_at) IS NOT NULL AS is_known, i.is_known AS was_known
        FROM (SELECT kind, id, sum(play_count)::bigint AS play_count FROM change GROUP BY kind, id) AS n
        LEFT JOIN raw.enrichment_item AS i ON i.item_kind = n.kind AND i.item_id = n.id
        LEFT JOIN raw.catalog_track AS t ON n.kind = 'track' AND t.track_id = n.id
        LEFT JOIN raw.catalog_album AS l ON n.kind = 'album' AND l.album_id = n.id
        LEFT JOIN raw.catalog_artist AS a ON n.kind = 'artist' AND a.artist_id = n.id
    ),
    removed AS (
        DELETE FROM raw.enrichment_item AS i USING item AS n
        WHERE i.item_kind = n.kind AND i.item_id = n.id AND n.play_count = 0
    ),
    stored AS (
        INSERT INTO raw.enrichment_item AS i (item_kind, item_id, play_count, is_known, album_id, artist_ids)
        SELECT kind, id, play_count, is_known, album_id, artist_ids FROM item WHERE play_count <> 0
        ON CONFLICT (item_kind, item_id) DO UPDATE
        SET play_count = excluded.play_count, is_known = excluded.is_known, album_id = excluded.album_id, artist_ids = excluded.artist_ids
        WHERE (i.play_count, i.is_known, i.album_id, i.artist_ids)
            IS DISTINCT FROM (excluded.play_count, excluded.is_known, excluded.album_id, excluded.artist_ids)
    )
    INSERT INTO raw.enrichment_total AS t (item_kind, item_count, known_count)
    SELECT
        kind, count(*) FILTER (WHERE play_count <> 0) - count(was_known),
        count(*) FILTER (WHERE play_count <> 0 AND is_known) - count(*) FILTER (WHERE was_known)
    FROM item
    GROUP BY kind
    ON CONFLICT (item_kind) DO UPDATE
    SET item_count = t.item_count + excluded.item_count, known_count = t.known_count + excluded.known_count;
END
$$;

-- Replace the recorded changes by one that counts everything, and empty the counts.
CREATE FUNCTION raw.start_recount() RETURNS void LANGUAGE sql AS $$
    DELETE FROM raw.count_change;
    DELETE FROM raw.listener_play_count;
    DELETE FROM raw.landed_play_count;
    DELETE FROM raw.track_play_count;
    DELETE FROM raw.enrichment_item;
    DELETE FROM raw.enrichment_total;
    INSERT INTO raw.count_change (track_ids, track_changes, batch_ids)
    SELECT coalesce(array_agg(track_id), '{}'), coalesce(array_agg(play_count), '{}'),
        ARRAY (SELECT batch_id FROM landing.batch WHERE status = 'landed' AND kind = 'poll')
    FROM (SELECT track_id, count(*) AS play_count FROM raw.play WHERE kind = 'track' GROUP BY track_id) AS play;
    INSERT INTO raw.count_change (listener_ids, listener_changes)
    SELECT coalesce(array_agg(listener_id), '{}'), coalesce(array_agg(play_count), '{}')
    FROM (SELECT listener_id, count(*) AS play_count FROM raw.play GROUP BY listener_id) AS play;
$$;

-- Runs once for each row of raw.count_change; the first run applies all of them.
CREATE FUNCTION raw.apply_count_changes() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan  -- Plans must fit the number of changes: a poll has a few, an import 100,000.
SET enable_nestloop = on
SET enable_mergejoin = on
AS $$
DECLARE
    own_ids text[];
    tracks text[];
BEGIN
    IF NOT EXISTS (SELECT FROM raw.count_change) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('play counts', 0));
    IF EXISTS (SELECT FROM raw.count_change WHERE is_recount) THEN
        PERFORM raw.start_recount();
    END IF;
    PERFORM raw.count_listeners();
    own_ids := raw.count_tracks();
    SELECT array_agg(id) INTO tracks
    FROM (
        SELECT coalesce(m.spotify_id, o.id) COLLATE "C" AS id
        FROM unnest(own_ids) AS o (id) LEFT JOIN raw.id_map AS m ON m.provisional_id = o.id
        UNION
        SELECT unnest(item_ids) FROM raw.count_change WHERE item_kind = 'track'
    ) AS track
    WHERE id ~ '^[0-9A-Za-z]{22}$';
    PERFORM raw.count_items(tracks);
    DELETE FROM raw.count_change;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER apply_changes AFTER INSERT ON raw.count_change
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raw.apply_count_changes();

INSERT INTO raw.count_change (is_recount) VALUES (true);

-- migrate:down
