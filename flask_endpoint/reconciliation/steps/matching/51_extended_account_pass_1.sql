-- Find candidates among extended and account items, pass 1: equal ms_played, same names, 0 <= lag < 60 s. The earliest comes first.
INSERT INTO candidate_pair
SELECT
    e.item_number, a.item_number,
    row_number() OVER (ORDER BY e.ended_at, a.ended_at, e.item_number, a.item_number)
FROM extended_minute AS e
JOIN account_item AS a ON a.ms_played = e.ms_played AND a.names_id = e.names_id AND a.ended_at = e.minute
WHERE NOT e.is_previous;
