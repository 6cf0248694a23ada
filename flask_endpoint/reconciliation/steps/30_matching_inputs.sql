-- List the items that can have a partner of another origin, and create the tables that the matching passes fill.
--
-- Reads received_row and merged_item. Creates
--   account_item, api_item, extended_item        one row per item of an origin and per pair of names that it was received
--                                                under. One row of each item is_representative. Without items of
--                                                another origin, extended_item is empty, because there is nothing to
--                                                match.
--   other_name                                   the names of items that are not those of the representative row.
--                                                Spotify renames titles between exports.
--   extended_minute                              the minutes in which an account row of the same play can end, per names
--   candidate_pair                               the pairs that a pass may choose from, in order of priority
--   extended_account, extended_api, account_api  the chosen pairs
-- item_number numbers the items of an origin by content, so that the result does not depend on the order of arrival.
CREATE TEMP TABLE candidate_pair (
    left_number bigint NOT NULL, right_number bigint NOT NULL, priority bigint NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE extended_account (
    extended_number bigint PRIMARY KEY, account_number bigint UNIQUE NOT NULL, matched_by text NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE extended_api (extended_number bigint PRIMARY KEY, api_number bigint UNIQUE NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE account_api (
    account_number bigint PRIMARY KEY, api_number bigint UNIQUE NOT NULL, matched_by text NOT NULL
) ON COMMIT DROP;

CREATE TEMP TABLE account_item ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY ended_at, track_id, ms_played) AS item_number, item_id,
    ended_at, ms_played, names_id, kind IS NOT NULL AS is_named, is_representative
FROM received_row AS r
WHERE origin = 'account' AND is_representative AND NOT EXISTS (SELECT FROM merged_item AS m WHERE m.item_id = r.item_id);

CREATE TEMP TABLE api_item ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY ended_at, track_id) AS item_number, item_id,
    ended_at, track_id, names_id, album_names_id, is_representative
FROM received_row
WHERE origin = 'api' AND is_representative;

CREATE TEMP TABLE extended_item ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY ended_at, track_id, ms_played) AS item_number, item_id,
    ts, ended_at, is_end_computed, ms_played, track_id, names_id, kind IS NOT NULL AS is_named, may_be_late,
    is_representative
FROM received_row AS r
WHERE origin = 'extended' AND is_representative
  AND (EXISTS (SELECT FROM account_item) OR EXISTS (SELECT FROM api_item))
  AND NOT EXISTS (SELECT FROM merged_item AS m WHERE m.item_id = r.item_id);

-- Add the names of the other rows of each item, and of the items that were merged into it.
CREATE TEMP TABLE other_name ON COMMIT DROP AS
SELECT DISTINCT coalesce(m.into_item_id, r.item_id) AS item_id, r.names_id, r.album_names_id
FROM received_row AS r
LEFT JOIN merged_item AS m USING (item_id)
WHERE (r.has_other_names OR m.item_id IS NOT NULL)
  AND (r.names_id IS NOT NULL OR r.album_names_id IS NOT NULL);
ANALYZE other_name;

INSERT INTO account_item
SELECT i.item_number, i.item_id, i.ended_at, i.ms_played, n.names_id, i.is_named, false
FROM other_name AS n
JOIN account_item AS i USING (item_id)
WHERE n.names_id IS DISTINCT FROM i.names_id;

INSERT INTO api_item
SELECT i.item_number, i.item_id, i.ended_at, i.track_id, n.names_id, n.album_names_id, false
FROM other_name AS n
JOIN api_item AS i USING (item_id)
WHERE (n.names_id, n.album_names_id) IS DISTINCT FROM (i.names_id, i.album_names_id);

INSERT INTO extended_item
SELECT
    i.item_number, i.item_id, i.ts, i.ended_at, i.is_end_computed, i.ms_played, i.track_id, n.names_id, i.is_named,
    i.may_be_late, false
FROM other_name AS n
JOIN extended_item AS i USING (item_id)
WHERE n.names_id IS DISTINCT FROM i.names_id;

-- The lag of an extended row is its ts, or its computed end, minus the account row's minute. A lag below 60 s leads to
-- the minute of that instant, a lag of 60 to 65 s to the previous minute.
CREATE TEMP TABLE extended_minute ON COMMIT DROP AS
SELECT DISTINCT e.item_number, e.ended_at, e.ms_played, e.names_id, e.is_named, m.minute, m.is_previous
FROM extended_item AS e
CROSS JOIN LATERAL (VALUES (e.ts), (e.ended_at)) AS v (instant)
CROSS JOIN LATERAL (VALUES
    (date_trunc('minute', v.instant), false),
    (date_trunc('minute', v.instant) - interval '1 minute', true)
) AS m (minute, is_previous)
WHERE EXISTS (SELECT FROM account_item)
  AND (NOT m.is_previous OR v.instant - m.minute < interval '65 seconds');

ANALYZE account_item;
ANALYZE api_item;
ANALYZE extended_item;
ANALYZE extended_minute;
