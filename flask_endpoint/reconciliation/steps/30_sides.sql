-- The three sides of the matching, one row per item, and the tables that the passes fill.
-- Only what can have a partner is copied: with one origin alone there is nothing to match.
-- item: the items of a side numbered by content, so that the order of arrival decides nothing.
CREATE TEMP TABLE candidate (l bigint NOT NULL, r bigint NOT NULL, place bigint NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE extended_account (l bigint PRIMARY KEY, r bigint UNIQUE NOT NULL, pass text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE extended_api (l bigint PRIMARY KEY, r bigint UNIQUE NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE account_api (l bigint PRIMARY KEY, r bigint UNIQUE NOT NULL, pass text NOT NULL) ON COMMIT DROP;

CREATE TEMP TABLE account_item ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY ended_at, track_id, ms_played) AS item, item_id,
    ended_at, ms_played, names_id, kind IS NOT NULL AS is_named
FROM held
WHERE origin = 'account' AND place = 1 AND NOT EXISTS (SELECT FROM renamed WHERE renamed.item_id = held.item_id);

CREATE TEMP TABLE api_item ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY ended_at, track_id) AS item, item_id, ended_at, track_id, names_id, album_names_id
FROM held
WHERE origin = 'api' AND place = 1;

CREATE TEMP TABLE extended_item ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY ended_at, track_id, ms_played) AS item, item_id,
    ts, ended_at, is_end_computed, ms_played, track_id, names_id, kind IS NOT NULL AS is_named, may_be_late
FROM held
WHERE origin = 'extended' AND place = 1
  AND (EXISTS (SELECT FROM account_item) OR EXISTS (SELECT FROM api_item))
  AND NOT EXISTS (SELECT FROM renamed WHERE renamed.item_id = held.item_id);

-- The account's minutes that an extended row can lie in, by its ts or by its computed end. A lag below 60 s is its own
-- minute, one of 60 to 65 s the minute before.
CREATE TEMP TABLE extended_minute ON COMMIT DROP AS
SELECT DISTINCT e.item, e.ended_at, e.ms_played, e.names_id, e.is_named, m.minute, m.is_before
FROM extended_item AS e
CROSS JOIN LATERAL (VALUES (e.ts), (e.ended_at)) AS v (instant)
CROSS JOIN LATERAL (VALUES
    (date_trunc('minute', v.instant), false),
    (date_trunc('minute', v.instant) - interval '1 minute', true)
) AS m (minute, is_before)
WHERE EXISTS (SELECT FROM account_item)
  AND (NOT m.is_before OR v.instant - m.minute < interval '65 seconds');

ANALYZE account_item;
ANALYZE api_item;
ANALYZE extended_item;
ANALYZE extended_minute;
