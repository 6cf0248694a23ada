-- Purpose: record how many rows of one published table differ from their candidates; called by audit.compare.
-- Parameters: target, the published table; this_load; has_listener, whether the table has a listener_id.
CREATE OR REPLACE FUNCTION audit.compare_table(target regclass, this_load bigint, has_listener boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    candidate_table text := (SELECT format('candidate.%I', relname) FROM pg_class WHERE oid = target);
    key_columns     text[];
    all_columns     text;
    owner           text;
    scope           text;
BEGIN
    SELECT array_agg(quote_ident(a.attname) ORDER BY array_position(i.indkey::int2[], a.attnum))
      INTO key_columns
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
     WHERE i.indrelid = target AND i.indisprimary;

    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
      INTO all_columns
      FROM pg_attribute
     WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attname <> 'load_id';

    IF has_listener THEN
        owner := 'listener_id';
        scope := 'SELECT listener_id FROM candidate.touched JOIN audit.listener_version USING (listener_id, version, definitions)';
    ELSE
        owner := key_columns[1];
        scope := format('SELECT id FROM candidate.touched_id WHERE kind = %L', regexp_replace(key_columns[1], '_id$', ''));
    END IF;

    -- A key on only one side is missing or surplus. A key on both sides has differing rows.
    EXECUTE format($query$
        INSERT INTO audit.difference
        WITH recomputed AS (SELECT %1$s FROM %2$s WHERE %3$s IN (%4$s)),
             published AS (SELECT %1$s FROM %5$s WHERE %3$s IN (%4$s)),
             differing AS (
                 (SELECT *, true AS is_recomputed FROM (TABLE recomputed EXCEPT TABLE published) AS only_recomputed)
                 UNION ALL
                 (SELECT *, false FROM (TABLE published EXCEPT TABLE recomputed) AS only_published)
             ),
             keys AS (
                 SELECT min(%6$s) AS listener_id, bool_or(is_recomputed) AS is_recomputed, bool_or(NOT is_recomputed) AS is_published
                   FROM differing GROUP BY %7$s
             )
        SELECT $1, $2, listener_id,
               count(*) FILTER (WHERE NOT is_published),
               count(*) FILTER (WHERE is_recomputed AND is_published),
               count(*) FILTER (WHERE NOT is_recomputed),
               clock_timestamp()
          FROM keys GROUP BY listener_id$query$,
        all_columns, candidate_table, owner, scope, target,
        CASE WHEN has_listener THEN 'listener_id' ELSE '''''::text' END, array_to_string(key_columns, ', '))
    USING this_load, target::text;
END
$$;
