-- List the items that can have a partner of another origin, and create the tables for the result of the matching passes.
--
-- Reads received_row and merged_item. Creates
--   account_item, api_item, extended_item  one row per item of an origin. extended_item is empty if there is no other origin.
--   extended_minute                        the minutes in which an account row of the same play can end
--   candidate_pair                         the pairs that a pass may choose from, best first
--   extended_account, extended_api, account_api  the pairs that were chosen
-- item_number orders the items of an origin by content, so that the order of arrival decides nothing.
CREATE TEMP TABLE candidate_pair (left_number bigint NOT NULL, right_number bigint NOT NULL, priority bigint NOT NULL) ON COMMIT DROP;
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
    ended_at, ms_played, names_id, kind IS NOT NULL AS is_named
FROM received_row AS r
WHERE origin = 'account' AND is_representative AND NOT EXISTS (SELECT FROM merged_item AS m WHERE m.item_id = r.item_id);

CREATE TEMP TABLE api_item ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY ended_at, track_id) AS item_number, item_id, ended_at, track_id, names_id, album_names_id
FROM received_row
WHERE origin = 'api' AND is_representative;

CREATE TEMP TABLE extended_item ON COMMIT DROP AS
SELECT
    row_number() OVER (ORDER BY ended_at, track_id, ms_played) AS item_number, item_id,
    ts, ended_at, is_end_computed, ms_played, track_id, names_id, kind IS NOT NULL AS is_named, may_be_late
FROM received_row AS r
WHERE origin = 'extended' AND is_representative
  AND (EXISTS (SELECT FROM account_item) OR EXISTS (SELECT FROM api_item))
  AND NOT EXISTS (SELECT FROM merged_item AS m WHERE m.item_id = r.item_id);

-- The lag of an extended row is its ts, or its computed end, minus the account row's minute. A lag below 60 s leads to the minute
-- of that instant, a lag of 60 to 65 s to the previous minute.
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
