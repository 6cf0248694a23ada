-- Find candidates among account and API items without an extended partner, pass 1: same names, 0 <= lag < 60 s. The earliest API item
-- comes first, and of its account items the one with the greatest ms_played.
INSERT INTO candidate_pair
WITH near AS (
    SELECT DISTINCT
        a.item_number AS account_number, p.item_number AS api_number, a.ended_at AS account_end, a.ms_played, p.ended_at AS api_end
    FROM api_item AS p
    CROSS JOIN LATERAL (VALUES (p.names_id), (p.album_names_id)) AS n (names_id)
    JOIN account_item AS a ON a.names_id = n.names_id AND a.ended_at = date_trunc('minute', p.ended_at)
    WHERE NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.account_number = a.item_number)
      AND NOT EXISTS (SELECT FROM extended_api AS matched WHERE matched.api_number = p.item_number)
)
SELECT
    account_number, api_number,
    row_number() OVER (ORDER BY api_end, ms_played DESC, account_end, api_number, account_number)
FROM near;
