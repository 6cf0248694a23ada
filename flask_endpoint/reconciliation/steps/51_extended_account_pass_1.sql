-- Extended and account, pass 1: equal ms_played, same names, 0 <= lag < 60 s; earliest first.
INSERT INTO candidate
SELECT e.item, a.item, row_number() OVER (ORDER BY e.ended_at, a.ended_at, e.item, a.item)
FROM extended_minute AS e
JOIN account_item AS a ON a.ms_played = e.ms_played AND a.names_id = e.names_id AND a.ended_at = e.minute
WHERE NOT e.is_before;
