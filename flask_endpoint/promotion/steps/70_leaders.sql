-- Which items are one play, and the play's id.
-- partner: a richest item, the account and API items that join it, and how.
-- leader:  every richest item that is a play, the row that speaks for it, its partners, the play's id.
-- became:  every item, the play it became, and how.
CREATE TEMP TABLE partner (leader bigint PRIMARY KEY, account bigint, api bigint, account_by text, api_by text) ON COMMIT DROP;

INSERT INTO partner
SELECT l, a.r, p.r, a.pass, CASE WHEN p.r IS NOT NULL THEN 'api' END
FROM extended_account AS a
FULL JOIN extended_api AS p USING (l)
UNION ALL
SELECT l, NULL, r, NULL, pass FROM account_api;
ANALYZE partner;

CREATE TEMP TABLE leader ON COMMIT DROP AS
WITH follower AS (
    SELECT item FROM renamed
    UNION ALL
    SELECT account FROM partner WHERE account IS NOT NULL
    UNION ALL
    SELECT api FROM partner WHERE api IS NOT NULL
),
led AS (
    SELECT
        h.item, h.batch_id, h.row_number, h.origin, h.ended_at, h.ms_played, h.kind, p.account, p.api, p.account_by, p.api_by,
        coalesce(h.track_id, a.track_id) AS own_id
    FROM held AS h
    LEFT JOIN partner AS p ON p.leader = h.item
    LEFT JOIN held AS a ON a.item = p.account AND a.place = 1 AND a.origin = 'account'
    WHERE h.place = 1
      AND NOT EXISTS (SELECT FROM follower AS f WHERE f.item = h.item)
)
SELECT
    led.item, led.batch_id, led.row_number, led.account, led.api, led.account_by, led.api_by,
    encode(sha256(convert_to(concat_ws(
        E'\x1f', s.listener_id, led.origin, (extract(epoch FROM led.ended_at) * 1000000)::bigint, led.own_id,
        coalesce(led.ms_played, -1)
    ), 'UTF8')), 'hex') COLLATE "C" AS play_id
FROM led
CROSS JOIN subject AS s
WHERE led.own_id IS NOT NULL;  -- An unidentified row that nothing names is no play.

CREATE TEMP TABLE became ON COMMIT DROP AS
WITH item AS (
    SELECT item, play_id, NULL::text AS matched_by FROM leader
    UNION ALL
    SELECT account, play_id, account_by FROM leader WHERE account IS NOT NULL
    UNION ALL
    SELECT api, play_id, api_by FROM leader WHERE api IS NOT NULL
)
SELECT item, play_id, matched_by FROM item
UNION ALL
SELECT r.item, i.play_id, 'renamed' FROM renamed AS r JOIN item AS i ON i.item = r.into_item;

ANALYZE leader (item, batch_id, row_number, account, api, play_id);
ANALYZE became (item);
