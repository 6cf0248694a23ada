-- Purpose: bound the length of every captured row, so that no change is too long for Kafka. One row over Kafka's limit would stop the
-- replication of all tables for good.
-- A change has a row at most three times (before, after, key), and JSON takes at most 6 bytes for a byte of text (\u0001). So rows of
-- 768 KiB make messages of 13.5 MiB, and 2.5 MiB remain for the other columns and the schema: max.request.size in
-- cdc_connectors/configs/main-source.json is 16 MiB. A load cuts its texts, so its rows are far shorter.
-- NOT VALID: rows from before the constraint stay. The comment has the condition, to replace a constraint whose columns changed.
DO $$
DECLARE
    longest_row CONSTANT integer := 768 * 1024;  -- bytes of text and other values without a fixed length
    captured    record;
BEGIN
    FOR captured IN
        SELECT c.oid::regclass AS name,
               format('(%s) <= %s', string_agg(format('coalesce(octet_length(%I::text), 0)', a.attname), ' + ' ORDER BY a.attnum),
                      longest_row) AS condition,
               (SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint
                 WHERE conrelid = c.oid AND conname = 'row_fits_message') AS present_condition
          FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relnamespace::regnamespace::text IN ('core', 'mart', 'audit', 'cdc')
           AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attlen = -1 AND NOT (a.atttypid = 'numeric'::regtype AND a.atttypmod <> -1)  -- numeric(9,8) is short
         GROUP BY c.oid
    LOOP
        IF captured.condition IS DISTINCT FROM captured.present_condition THEN
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS row_fits_message', captured.name);
            EXECUTE format('ALTER TABLE %s ADD CONSTRAINT row_fits_message CHECK (%s) NOT VALID', captured.name, captured.condition);
            EXECUTE format('COMMENT ON CONSTRAINT row_fits_message ON %s IS %L', captured.name, captured.condition);
        END IF;
    END LOOP;
END
$$;
