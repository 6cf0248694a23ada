-- migrate:up
-- Catalog files. Spotify's own data takes precedence over them.
ALTER TABLE raw.catalog_track ADD COLUMN is_from_file boolean NOT NULL DEFAULT false, ADD COLUMN file_artist_key text COLLATE "C";
ALTER TABLE raw.catalog_album ADD COLUMN is_from_file boolean NOT NULL DEFAULT false;
COMMENT ON TABLE raw.catalog_track IS 'One row per track that Spotify or a catalog file describes.';
COMMENT ON COLUMN raw.catalog_track.artist_ids IS 'Artists in credit order; empty while only a file describes it.';
COMMENT ON COLUMN raw.catalog_track.fetched_at IS 'When Spotify''s catalog was read for it; null while it is known only from a play or a file.';
COMMENT ON COLUMN raw.catalog_track.is_from_file IS 'Whether only a catalog file describes it so far.';
COMMENT ON COLUMN raw.catalog_track.file_artist_key IS 'Normalised artist name from a catalog file.';
COMMENT ON TABLE raw.catalog_album IS 'One row per album that Spotify or a catalog file describes.';
COMMENT ON COLUMN raw.catalog_album.artist_ids IS 'Artists in credit order; empty while only a file describes it.';
COMMENT ON COLUMN raw.catalog_album.fetched_at IS 'When Spotify''s catalog was read for it; null while it is known only from a play or a file.';
COMMENT ON COLUMN raw.catalog_album.is_from_file IS 'Whether only a catalog file describes it so far.';
COMMENT ON COLUMN raw.id_evidence.source IS 'Source of the evidence: the listener whose rows have it, catalog:<id> for a catalog item, or file:<id> for a catalog file.';
COMMENT ON TABLE raw.id_map IS 'One row per provisional id that has a Spotify id: the smallest in raw.id_evidence. Evidence from a file is used only when there is no other.';

-- migrate:down
