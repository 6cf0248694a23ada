-- migrate:up
-- An import pays for no trigger on landing.play, and the catalog and the id map share one function.
DROP TRIGGER count_inserted ON landing.play;
DROP TRIGGER count_inserted ON raw.catalog_track;
DROP TRIGGER count_updated ON raw.catalog_track;
DROP TRIGGER count_deleted ON raw.catalog_track;
DROP TRIGGER count_inserted ON raw.catalog_album;
DROP TRIGGER count_updated ON raw.catalog_album;
DROP TRIGGER count_deleted ON raw.catalog_album;
DROP TRIGGER count_inserted ON raw.catalog_artist;
DROP TRIGGER count_updated ON raw.catalog_artist;
DROP TRIGGER count_deleted ON raw.catalog_artist;
DROP TRIGGER count_inserted ON raw.id_map;
DROP TRIGGER count_updated ON raw.id_map;
DROP TRIGGER count_deleted ON raw.id_map;
DROP FUNCTION raw.note_catalog_change(), raw.note_id_map_change();

-- Only polls are counted, and only their rows come from the API: a poll inserts at most 50. So an import does not pay for this
-- trigger. Deletions keep their trigger for each statement: a listener can have many polled rows.
CREATE OR REPLACE FUNCTION raw.note_landed_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO raw.count_change (batch_ids) VALUES (array_remove(ARRAY[OLD.batch_id, NEW.batch_id], NULL));
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON landing.play
    FOR EACH ROW WHEN (NEW.origin = 'api') EXECUTE FUNCTION raw.note_landed_row_change();

-- For the catalog and the id map. The arguments are the kind of item and the column with its id.
CREATE FUNCTION raw.note_item_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    note constant text := 'INSERT INTO raw.count_change (item_kind, item_ids) SELECT %L, array_agg(%I) FROM %I HAVING count(*) > 0';
BEGIN
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format(note, TG_ARGV[0], TG_ARGV[1], 'new_row');
    END IF;
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format(note, TG_ARGV[0], TG_ARGV[1], 'old_row');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON raw.catalog_track
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('track', 'track_id');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.catalog_track
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('track', 'track_id');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.catalog_track
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('track', 'track_id');
CREATE TRIGGER count_inserted AFTER INSERT ON raw.catalog_album
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('album', 'album_id');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.catalog_album
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('album', 'album_id');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.catalog_album
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('album', 'album_id');
CREATE TRIGGER count_inserted AFTER INSERT ON raw.catalog_artist
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('artist', 'artist_id');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.catalog_artist
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('artist', 'artist_id');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.catalog_artist
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('artist', 'artist_id');

-- The plays of a provisional id move from its former Spotify id to its new one.
CREATE TRIGGER count_inserted AFTER INSERT ON raw.id_map
    REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('track', 'spotify_id');
CREATE TRIGGER count_updated AFTER UPDATE ON raw.id_map
    REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row
    FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('track', 'spotify_id');
CREATE TRIGGER count_deleted AFTER DELETE ON raw.id_map
    REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION raw.note_item_change('track', 'spotify_id');

-- The previous version stored pauses of enrichment under another name.
UPDATE vault.pause SET subject = 'catalogue' WHERE subject = 'catalog';
COMMENT ON COLUMN vault.pause.subject IS 'The paused activity: plays (polling) or catalogue (enrichment).';

COMMENT ON TABLE raw.count_change IS 'One row per statement of the current transaction that changed what is counted, or per polled row that it inserted. The commit applies and deletes the rows, so other transactions never see any.';
COMMENT ON COLUMN raw.count_change.change_id IS 'Number of the change; only a primary key.';
COMMENT ON VIEW raw.enrichment IS 'One row per track, album and artist with a Spotify id that plays refer to: the state of its enrichment. For people and tests; enrichment itself reads raw.enrichment_item, whose index has the order of the queue.';
COMMENT ON TABLE jobs.listener_deletion IS 'One row per recently deleted listener id. An import that was requested before the deletion must not create the listener again.';
COMMENT ON COLUMN jobs.listener_deletion.deleted_at IS 'When the listener was last deleted. Housekeeping, once a day, deletes rows older than a day.';

-- migrate:down
