-- Map the provisional ids in touched to the smallest Spotify id with the same names. An id that only a catalog file gives is used only
-- if there is no other.
--
-- Parameters: touched (provisional_id). The caller holds the lock on the id map.
-- Creates mapped: the mappings that changed, with the new Spotify id, or null if none is left.
CREATE TEMP TABLE mapped ON COMMIT DROP AS
SELECT t.provisional_id, (
    SELECT e.spotify_id FROM raw.id_evidence AS e WHERE e.provisional_id = t.provisional_id
    ORDER BY starts_with(e.source, 'file:'), e.spotify_id LIMIT 1
) AS spotify_id
FROM (SELECT DISTINCT provisional_id FROM touched) AS t;

-- Keep only the mappings that changed.
DELETE FROM mapped AS n
USING raw.id_map AS m
WHERE m.provisional_id = n.provisional_id AND m.spotify_id IS NOT DISTINCT FROM n.spotify_id;
DELETE FROM mapped AS n
WHERE n.spotify_id IS NULL AND NOT EXISTS (SELECT FROM raw.id_map AS m WHERE m.provisional_id = n.provisional_id);

DELETE FROM raw.id_map AS m USING mapped AS n WHERE m.provisional_id = n.provisional_id AND n.spotify_id IS NULL;
INSERT INTO raw.id_map (provisional_id, spotify_id)
SELECT provisional_id, spotify_id FROM mapped WHERE spotify_id IS NOT NULL
ON CONFLICT (provisional_id) DO UPDATE SET spotify_id = excluded.spotify_id;
