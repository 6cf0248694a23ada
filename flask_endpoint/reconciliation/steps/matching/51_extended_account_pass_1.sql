-- Find candidates among extended and account items, pass 1: equal ms_played, same names, 0 <= lag < 60 s. The earliest
-- comes first. Items with several names in common are one candidate.
INSERT INTO candidate_pair
WITH near AS (
    SELECT DISTINCT
        e.item_number AS extended_number, a.item_number AS account_number,
        e.ended_at AS extended_end, a.ended_at AS account_end
    FROM extended_minute AS e
    JOIN account_item AS a ON a.ms_played = e.ms_played AND a.names_id = e.names_id AND a.ended_at = e.minute
    WHERE NOT e.is_previous
)
SELECT
    extended_number, account_number,
    row_number() OVER (ORDER BY extended_end, account_end, extended_number, account_number)
FROM near;
