-- Extended and API: same track id, or same title and either artist; ends within 2 s, inclusive; nearest first, then earliest.
-- Ends fall into slots of 4 s, so that only neighbours are compared.
INSERT INTO candidate
WITH slot AS (
    SELECT DISTINCT p.item, p.ended_at, k.track_id, k.names_id, floor(extract(epoch FROM p.ended_at + s.shift) / 4) AS slot
    FROM api_item AS p
    CROSS JOIN (VALUES (interval '-2 seconds'), (interval '2 seconds')) AS s (shift)
    CROSS JOIN LATERAL (VALUES (p.track_id, NULL), (NULL, p.names_id), (NULL, p.album_names_id)) AS k (track_id, names_id)
),
near AS (
    SELECT e.item AS l, s.item AS r, e.ended_at, greatest(e.ended_at - s.ended_at, s.ended_at - e.ended_at) AS distance, s.ended_at AS at
    FROM extended_item AS e
    JOIN slot AS s ON s.slot = floor(extract(epoch FROM e.ended_at) / 4) AND s.track_id = e.track_id
    UNION
    SELECT e.item, s.item, e.ended_at, greatest(e.ended_at - s.ended_at, s.ended_at - e.ended_at), s.ended_at
    FROM extended_item AS e
    JOIN slot AS s ON s.slot = floor(extract(epoch FROM e.ended_at) / 4) AND s.names_id = e.names_id
)
SELECT l, r, row_number() OVER (ORDER BY distance, ended_at, at, l, r)
FROM near
WHERE distance <= interval '2 seconds';
