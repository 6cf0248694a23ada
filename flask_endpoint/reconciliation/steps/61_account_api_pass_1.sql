-- Account and API, pass 1, on rows without an extended partner: same names, 0 <= lag < 60 s; earliest first, of several
-- account rows the one with the greatest ms_played.
INSERT INTO candidate
SELECT l, r, row_number() OVER (ORDER BY at, ms_played DESC, ended_at, r, l)
FROM (
    SELECT DISTINCT a.item AS l, p.item AS r, a.ended_at, a.ms_played, p.ended_at AS at
    FROM api_item AS p
    CROSS JOIN LATERAL (VALUES (p.names_id), (p.album_names_id)) AS n (names_id)
    JOIN account_item AS a ON a.names_id = n.names_id AND a.ended_at = date_trunc('minute', p.ended_at)
    WHERE NOT EXISTS (SELECT FROM extended_account AS x WHERE x.r = a.item)
      AND NOT EXISTS (SELECT FROM extended_api AS x WHERE x.r = p.item)
) AS near;
