-- migrate:up
-- Catalogue files: what they say stands below what Spotify says.
ALTER TABLE raw.catalog_track ADD COLUMN is_from_file boolean NOT NULL DEFAULT false, ADD COLUMN file_artist_key text COLLATE "C";
ALTER TABLE raw.catalog_album ADD COLUMN is_from_file boolean NOT NULL DEFAULT false;
COMMENT ON TABLE raw.catalog_track IS 'One row per track that Spotify or a catalogue file told about.';
COMMENT ON COLUMN raw.catalog_track.artist_ids IS 'Its artists in credit order; empty while only a file told about it.';
COMMENT ON COLUMN raw.catalog_track.fetched_at IS 'When Spotify was asked about it; null while known only from a play''s own object or a file.';
COMMENT ON COLUMN raw.catalog_track.is_from_file IS 'Only a catalogue file told about it so far.';
COMMENT ON COLUMN raw.catalog_track.file_artist_key IS 'Its artist''s name as a file gives it, normalised.';
COMMENT ON TABLE raw.catalog_album IS 'One row per album that Spotify or a catalogue file told about.';
COMMENT ON COLUMN raw.catalog_album.artist_ids IS 'Its artists in credit order; empty while only a file told about it.';
COMMENT ON COLUMN raw.catalog_album.fetched_at IS 'When Spotify was asked about it; null while known only from a play''s own object or a file.';
COMMENT ON COLUMN raw.catalog_album.is_from_file IS 'Only a catalogue file told about it so far.';
COMMENT ON COLUMN raw.id_evidence.source IS 'The listener whose rows say so, or the item of the catalogue, as catalog:<id>; file:<id> where a file says so.';
COMMENT ON TABLE raw.id_map IS 'One row per provisional id that has a Spotify id: the smallest in raw.id_evidence, a file''s only where nobody else has one.';

-- migrate:down
