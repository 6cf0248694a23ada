-- Raise the version of every listener who played a changed item, under its own id or an id that maps to it, or whose id map changed.
UPDATE raw.listener
SET version = version + 1
WHERE listener_id IN (
    SELECT u.listener_id FROM raw.item_use AS u JOIN item AS i ON i.item_id = u.item_id
    UNION
    SELECT u.listener_id
    FROM raw.item_use AS u
    JOIN raw.id_map AS m ON m.provisional_id = u.item_id
    JOIN item AS i ON i.item_id = m.spotify_id
    UNION
    SELECT u.listener_id FROM raw.item_use AS u JOIN mapped AS m ON m.provisional_id = u.item_id
);
