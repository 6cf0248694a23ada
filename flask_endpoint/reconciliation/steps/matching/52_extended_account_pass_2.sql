-- Find candidates among extended and account items, pass 2: like pass 1, but 0 <= lag < 65 s, among items that pass 1 left.
INSERT INTO candidate_pair
WITH near AS (
    SELECT DISTINCT
        e.item_number AS extended_number, a.item_number AS account_number, e.ended_at AS extended_end, a.ended_at AS account_end
    FROM extended_minute AS e
    JOIN account_item AS a ON a.ms_played = e.ms_played AND a.names_id = e.names_id AND a.ended_at = e.minute
    WHERE NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.extended_number = e.item_number)
      AND NOT EXISTS (SELECT FROM extended_account AS matched WHERE matched.account_number = a.item_number)
)
SELECT
    extended_number, account_number,
    row_number() OVER (ORDER BY extended_end, account_end, extended_number, account_number)
FROM near;
