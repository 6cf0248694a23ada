-- migrate:up
-- An import pays for no trigger on landing.play, and the catalog and the id map share one function.
DROP TRIGGER count_inserted ON landing.play;
DROP TRIGGER count_deleted ON landing.play;
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

-- Only polls are counted, and only their rows come from the API, at most 50 at a time. So an import does not pay for these
-- triggers. Promotion updates many rows of landing.play, but none of these columns.
CREATE OR REPLACE FUNCTION raw.note_landed_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO raw.count_change (batch_ids) VALUES (array_remove(ARRAY[OLD.batch_id, NEW.batch_id], NULL));
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON landing.play
    FOR EACH ROW WHEN (NEW.origin = 'api') EXECUTE FUNCTION raw.note_landed_row_change();
CREATE TRIGGER count_deleted AFTER DELETE ON landing.play
    FOR EACH ROW WHEN (OLD.origin = 'api') EXECUTE FUNCTION raw.note_landed_row_change();

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

-- Pauses of enrichment were for a short time stored under another name.
UPDATE vault.pause SET subject = 'catalogue' WHERE subject = 'catalog';

-- migrate:down
