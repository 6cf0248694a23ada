-- Find candidates among extended and API items: same track id, or same title and either artist, and ends within 2 s, inclusive.
-- The nearest comes first, then the earliest.
--
-- Ends are grouped into slots of 4 s, so that only neighbors are compared.
INSERT INTO candidate_pair
-- Each API item under its track id and under its names, in every slot that an end within 2 s can fall into.
WITH api_slot AS (
    SELECT DISTINCT p.item_number, p.ended_at, k.track_id, k.names_id, floor(extract(epoch FROM p.ended_at + s.shift) / 4) AS slot
    FROM api_item AS p
    CROSS JOIN (VALUES (interval '-2 seconds'), (interval '2 seconds')) AS s (shift)
    CROSS JOIN LATERAL (VALUES (p.track_id, NULL), (NULL, p.names_id), (NULL, p.album_names_id)) AS k (track_id, names_id)
),
near AS (
    SELECT
        e.item_number AS extended_number, s.item_number AS api_number, e.ended_at AS extended_end, s.ended_at AS api_end,
        greatest(e.ended_at - s.ended_at, s.ended_at - e.ended_at) AS distance
    FROM extended_item AS e
    JOIN api_slot AS s ON s.slot = floor(extract(epoch FROM e.ended_at) / 4) AND s.track_id = e.track_id
    UNION
    SELECT
        e.item_number, s.item_number, e.ended_at, s.ended_at,
        greatest(e.ended_at - s.ended_at, s.ended_at - e.ended_at)
    FROM extended_item AS e
    JOIN api_slot AS s ON s.slot = floor(extract(epoch FROM e.ended_at) / 4) AND s.names_id = e.names_id
)
SELECT
    extended_number, api_number,
    row_number() OVER (ORDER BY distance, extended_end, api_end, extended_number, api_number)
FROM near
WHERE distance <= interval '2 seconds';
