-- Which items are one play, and the play's id. Most items are a play by themselves, under their own id: only the others are listed.
-- partner: a richest item that others join, those others, how, and the play's id (null while nothing names it).
-- became:  every item whose play has another id than the item, and how it came to it.
CREATE TEMP TABLE partner (
    leader text COLLATE "C" PRIMARY KEY, account text COLLATE "C", api text COLLATE "C", account_by text, api_by text, play_id text COLLATE "C"
) ON COMMIT DROP;

INSERT INTO partner
WITH pair AS (
    SELECT l, a.r AS account, p.r AS api, a.pass, CASE WHEN p.r IS NOT NULL THEN 'api' END AS api_by
    FROM extended_account AS a
    FULL JOIN extended_api AS p USING (l)
)
SELECT e.item_id, a.item_id, p.item_id, pair.pass, pair.api_by
FROM pair
JOIN extended_item AS e ON e.item = pair.l
LEFT JOIN account_item AS a ON a.item = pair.account
LEFT JOIN api_item AS p ON p.item = pair.api
UNION ALL
SELECT a.item_id, NULL, p.item_id, NULL, x.pass
FROM account_api AS x
JOIN account_item AS a ON a.item = x.l
JOIN api_item AS p ON p.item = x.r;

-- An item that names itself gives the play its id; else the account's row does, as the own id in the same hash.
UPDATE partner AS n
SET play_id = CASE
    WHEN h.kind IS NOT NULL THEN h.item_id
    WHEN a.track_id IS NOT NULL THEN raw.play_id(s.listener_id, h.origin, h.ended_at, a.track_id, h.ms_played::integer)
END
FROM held AS h
CROSS JOIN subject AS s
LEFT JOIN partner AS same ON same.leader = h.item_id
LEFT JOIN held AS a ON a.item_id = same.account AND a.place = 1
WHERE h.item_id = n.leader AND h.place = 1;

CREATE TEMP TABLE became (item_id text COLLATE "C" PRIMARY KEY, play_id text COLLATE "C", matched_by text) ON COMMIT DROP;

INSERT INTO became
WITH item AS (
    SELECT leader AS item_id, play_id, NULL::text AS matched_by FROM partner
    UNION ALL
    SELECT account, play_id, account_by FROM partner WHERE account IS NOT NULL
    UNION ALL
    SELECT api, play_id, api_by FROM partner WHERE api IS NOT NULL
)
SELECT item_id, play_id, matched_by FROM item WHERE play_id IS DISTINCT FROM item_id
UNION ALL
SELECT r.item_id, coalesce(i.play_id, CASE WHEN h.kind IS NOT NULL THEN h.item_id END), 'renamed'
FROM renamed AS r
JOIN held AS h ON h.item_id = r.into_item AND h.place = 1
LEFT JOIN item AS i ON i.item_id = r.into_item;

ANALYZE partner;
ANALYZE became;
