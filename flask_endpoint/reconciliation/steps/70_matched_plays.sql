-- List the plays that several items make, and the play of each item.
--
-- Most items are a play of their own, and the play has the item's id. Only the others are listed.
-- Reads the item tables, the chosen pairs, received_row and merged_item. Creates
--   matched_play  one row per item that items of poorer origins joined: these items, how they were matched, and the
--                 play's id, which is null while no item names the play
--   item_play     one row per item whose play has an id other than the item's: the play, and how the item was matched
CREATE TEMP TABLE matched_play (
    richest_item_id text COLLATE "C" PRIMARY KEY, account_item_id text COLLATE "C", api_item_id text COLLATE "C",
    account_matched_by text, api_matched_by text, play_id text COLLATE "C"
) ON COMMIT DROP;

INSERT INTO matched_play
WITH extended_play AS (
    SELECT
        extended_number, account_number, api_number, a.matched_by AS account_matched_by,
        CASE WHEN api_number IS NOT NULL THEN 'api' END AS api_matched_by
    FROM extended_account AS a
    FULL JOIN extended_api AS p USING (extended_number)
)
SELECT e.item_id, a.item_id, p.item_id, pair.account_matched_by, pair.api_matched_by
FROM extended_play AS pair
JOIN extended_item AS e ON e.item_number = pair.extended_number AND e.is_representative
LEFT JOIN account_item AS a ON a.item_number = pair.account_number AND a.is_representative
LEFT JOIN api_item AS p ON p.item_number = pair.api_number AND p.is_representative
UNION ALL
SELECT a.item_id, NULL, p.item_id, NULL, pair.matched_by
FROM account_api AS pair
JOIN account_item AS a ON a.item_number = pair.account_number AND a.is_representative
JOIN api_item AS p ON p.item_number = pair.api_number AND p.is_representative;

-- A play has the id of its richest item. If that item is unidentified, the id is the same hash, but with the track id
-- of the account item.
UPDATE matched_play AS m
SET play_id = CASE
    WHEN r.kind IS NOT NULL THEN r.item_id
    WHEN a.track_id IS NOT NULL THEN raw.play_id(s.listener_id, r.origin, r.ended_at, a.track_id, r.ms_played::integer)
END
FROM received_row AS r
CROSS JOIN parameters AS s
LEFT JOIN matched_play AS pair ON pair.richest_item_id = r.item_id
LEFT JOIN received_row AS a ON a.item_id = pair.account_item_id AND a.is_representative
WHERE r.item_id = m.richest_item_id AND r.is_representative;

CREATE TEMP TABLE item_play (
    item_id text COLLATE "C" PRIMARY KEY, play_id text COLLATE "C", matched_by text
) ON COMMIT DROP;

INSERT INTO item_play
WITH matched_item AS (
    SELECT richest_item_id AS item_id, play_id, NULL::text AS matched_by FROM matched_play
    UNION ALL
    SELECT account_item_id, play_id, account_matched_by FROM matched_play WHERE account_item_id IS NOT NULL
    UNION ALL
    SELECT api_item_id, play_id, api_matched_by FROM matched_play WHERE api_item_id IS NOT NULL
)
SELECT item_id, play_id, matched_by FROM matched_item WHERE play_id IS DISTINCT FROM item_id
UNION ALL
SELECT m.item_id, coalesce(i.play_id, CASE WHEN r.kind IS NOT NULL THEN r.item_id END), 'renamed'
FROM merged_item AS m
JOIN received_row AS r ON r.item_id = m.into_item_id AND r.is_representative
LEFT JOIN matched_item AS i ON i.item_id = m.into_item_id;

ANALYZE matched_play;
ANALYZE item_play;
