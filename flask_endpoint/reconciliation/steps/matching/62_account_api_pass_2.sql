-- Find candidates among account and API items, pass 2: like pass 1, but 0 <= lag < 65 s, among items that pass 1 left.
INSERT INTO candidate_pair
WITH near AS (
    SELECT DISTINCT
        a.item_number AS account_number, p.item_number AS api_number, a.ended_at AS account_end, a.ms_played, p.ended_at AS api_end
    FROM api_item AS p
    CROSS JOIN LATERAL (VALUES (p.names_id), (p.album_names_id)) AS n (names_id)
    CROSS JOIN (VALUES (interval '0'), (interval '1 minute')) AS s (shift)
    JOIN account_item AS a ON a.names_id = n.names_id AND a.ended_at = date_trunc('minute', p.ended_at) - s.shift
    WHERE p.ended_at - a.ended_at < interval '65 seconds'
      AND NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.account_number = a.item_number)
      AND NOT EXISTS (SELECT FROM extended_api AS matched WHERE matched.api_number = p.item_number)
      AND NOT EXISTS (SELECT FROM account_api AS matched WHERE matched.account_number = a.item_number)
      AND NOT EXISTS (SELECT FROM account_api AS matched WHERE matched.api_number = p.item_number)
)
SELECT
    account_number, api_number,
    row_number() OVER (ORDER BY api_end, ms_played DESC, account_end, api_number, account_number)
FROM near;
