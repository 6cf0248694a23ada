-- Extended and account, pass 2, on what pass 1 left: equal ms_played, same names, 0 <= lag < 65 s; earliest first.
INSERT INTO candidate
SELECT l, r, row_number() OVER (ORDER BY ended_at, at, l, r)
FROM (
    SELECT DISTINCT e.item AS l, a.item AS r, e.ended_at, a.ended_at AS at
    FROM extended_minute AS e
    JOIN account_item AS a ON a.ms_played = e.ms_played AND a.names_id = e.names_id AND a.ended_at = e.minute
    WHERE NOT EXISTS (SELECT FROM extended_account AS x WHERE x.l = e.item)
      AND NOT EXISTS (SELECT FROM extended_account AS x WHERE x.r = a.item)
) AS near;
