-- migrate:up
-- Counts that the start page, /metrics and enrichment read, so that they need not scan the plays. The triggers of the next
-- migration maintain them: a statement records its changes in raw.count_change, the commit adds these to the counts.

-- Grain: one row per statement of the current transaction that changed what is counted.
CREATE UNLOGGED TABLE raw.count_change (
    change_id        bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    track_ids        text[]   COLLATE "C" NOT NULL DEFAULT '{}',
    track_changes    bigint[] NOT NULL DEFAULT '{}',
    listener_ids     text[]   COLLATE "C" NOT NULL DEFAULT '{}',
    listener_changes bigint[] NOT NULL DEFAULT '{}',
    batch_ids        bigint[] NOT NULL DEFAULT '{}',
    item_kind        text     COLLATE "C",
    item_ids         text[]   COLLATE "C" NOT NULL DEFAULT '{}',
    is_recount       boolean  NOT NULL DEFAULT false
);
COMMENT ON TABLE raw.count_change IS 'One row per statement of the current transaction that changed what is counted. The commit applies and deletes the rows, so other transactions never see any.';
COMMENT ON COLUMN raw.count_change.change_id IS 'Number of the change.';
COMMENT ON COLUMN raw.count_change.track_ids IS 'Own track ids of plays that were added or removed.';
COMMENT ON COLUMN raw.count_change.track_changes IS 'Number of plays added (above 0) or removed (below 0), for each of track_ids.';
COMMENT ON COLUMN raw.count_change.listener_ids IS 'Listeners whose plays were added or removed.';
COMMENT ON COLUMN raw.count_change.listener_changes IS 'Number of plays added or removed, for each of listener_ids.';
COMMENT ON COLUMN raw.count_change.batch_ids IS 'Batches whose status or rows changed.';
COMMENT ON COLUMN raw.count_change.item_kind IS 'Kind of item_ids: track, album or artist.';
COMMENT ON COLUMN raw.count_change.item_ids IS 'Items whose catalog entry or mapped provisional ids changed.';
COMMENT ON COLUMN raw.count_change.is_recount IS 'Whether everything must be counted again, because a table was truncated.';

-- Grain: one row per listener with plays.
CREATE TABLE raw.listener_play_count (
    listener_id text   COLLATE "C" PRIMARY KEY,
    play_count  bigint NOT NULL
);
COMMENT ON TABLE raw.listener_play_count IS 'One row per listener with plays: the number of rows in raw.play.';
COMMENT ON COLUMN raw.listener_play_count.listener_id IS 'The listener.';
COMMENT ON COLUMN raw.listener_play_count.play_count IS 'Number of plays of any kind.';

-- Grain: one row per landed poll with plays of tracks.
CREATE TABLE raw.landed_play_count (
    batch_id    bigint   PRIMARY KEY,
    track_ids   text[]   COLLATE "C" NOT NULL,
    play_counts bigint[] NOT NULL
);
COMMENT ON TABLE raw.landed_play_count IS 'One row per landed poll with plays of tracks: what raw.track_play_count contains of it.';
COMMENT ON COLUMN raw.landed_play_count.batch_id IS 'The poll''s batch, which waits for the gate.';
COMMENT ON COLUMN raw.landed_play_count.track_ids IS 'Own ids of the tracks in the batch.';
COMMENT ON COLUMN raw.landed_play_count.play_counts IS 'Number of plays, for each of track_ids.';

-- Grain: one row per own track id in the plays.
CREATE TABLE raw.track_play_count (
    track_id   text   COLLATE "C" PRIMARY KEY,
    play_count bigint NOT NULL
);
COMMENT ON TABLE raw.track_play_count IS 'One row per own track id in raw.play and in landed polls.';
COMMENT ON COLUMN raw.track_play_count.track_id IS 'Own id of the track: Spotify''s, else provisional.';
COMMENT ON COLUMN raw.track_play_count.play_count IS 'Number of plays of all listeners, before id mapping.';

-- Grain: one row per track, album and artist with a Spotify id that plays refer to.
CREATE TABLE raw.enrichment_item (
    item_kind  text    COLLATE "C" NOT NULL,
    item_id    text    COLLATE "C" NOT NULL,
    play_count bigint  NOT NULL,
    is_known   boolean NOT NULL,
    album_id   text    COLLATE "C",
    artist_ids text[]  COLLATE "C",
    PRIMARY KEY (item_kind, item_id)
);
CREATE INDEX enrichment_item_next ON raw.enrichment_item (play_count DESC, item_kind DESC, item_id) WHERE NOT is_known;
COMMENT ON TABLE raw.enrichment_item IS 'One row per track, album and artist with a Spotify id that plays refer to. raw.enrichment shows its state.';
COMMENT ON COLUMN raw.enrichment_item.item_kind IS 'track, album or artist.';
COMMENT ON COLUMN raw.enrichment_item.item_id IS 'Spotify''s id.';
COMMENT ON COLUMN raw.enrichment_item.play_count IS 'Number of plays of all listeners that refer to the item, after id mapping.';
COMMENT ON COLUMN raw.enrichment_item.is_known IS 'Whether Spotify''s catalog was read for the item.';
COMMENT ON COLUMN raw.enrichment_item.album_id IS 'Album whose play_count contains the plays of this track; null for albums and artists.';
COMMENT ON COLUMN raw.enrichment_item.artist_ids IS 'Artists whose play_count contains the plays of this track; null for albums and artists.';

-- Grain: one row per kind of item.
CREATE TABLE raw.enrichment_total (
    item_kind   text   COLLATE "C" PRIMARY KEY,
    item_count  bigint NOT NULL,
    known_count bigint NOT NULL
);
COMMENT ON TABLE raw.enrichment_total IS 'One row per kind of item: the number of rows in raw.enrichment_item.';
COMMENT ON COLUMN raw.enrichment_total.item_kind IS 'track, album or artist.';
COMMENT ON COLUMN raw.enrichment_total.item_count IS 'Number of items.';
COMMENT ON COLUMN raw.enrichment_total.known_count IS 'Number of known items.';

CREATE INDEX unavailable_retry ON raw.unavailable (retry_at);

DROP VIEW raw.enrichment;
CREATE VIEW raw.enrichment AS
SELECT
    i.item_kind, i.item_id, i.play_count,
    CASE
        WHEN i.is_known THEN 'known'
        WHEN EXISTS (
            SELECT FROM raw.unavailable AS u
            WHERE u.item_kind = i.item_kind AND u.item_id = i.item_id AND u.retry_at > now()
        ) THEN 'failed'
        ELSE 'waiting'
    END AS state
FROM raw.enrichment_item AS i;
COMMENT ON VIEW raw.enrichment IS 'One row per track, album and artist with a Spotify id that plays refer to: the state of its enrichment.';
COMMENT ON COLUMN raw.enrichment.item_kind IS 'track, album or artist.';
COMMENT ON COLUMN raw.enrichment.item_id IS 'Spotify''s id. Tracks without one cannot be enriched.';
COMMENT ON COLUMN raw.enrichment.play_count IS 'Number of plays of all listeners that refer to the item, plays in landed polls included. The most played items are requested first.';
COMMENT ON COLUMN raw.enrichment.state IS 'known: Spotify described it. failed: the last request failed and the next is not due. waiting: not requested yet, or due again.';

-- migrate:down
