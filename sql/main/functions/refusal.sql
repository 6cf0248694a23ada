-- Purpose: return in one sentence why a load may not be published; null if it may.
-- Parameters: this_load, an existing load that is not published.
CREATE OR REPLACE FUNCTION audit.refusal(this_load bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    unequal   text;
    unchecked text;
    broken    text;
BEGIN
    IF NOT EXISTS (SELECT FROM candidate.complete WHERE load_id = this_load) THEN
        RETURN format('The candidates of load %s are incomplete: run the transformation and the gate again.', this_load);
    END IF;
    -- The operators that publish compares values with depend on the columns' types.
    WITH described AS (
        SELECT n.nspname, c.relname,
               string_agg(
                   format('%I %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation), ', ' ORDER BY a.attnum
               ) AS columns
          FROM pg_class AS c
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
          JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
         GROUP BY c.oid, n.nspname
    )
    SELECT string_agg(published.nspname || '.' || published.relname, ', ' ORDER BY published.nspname, published.relname)
      INTO unequal
      FROM described AS published
      LEFT JOIN described AS candidate ON candidate.nspname = 'candidate' AND candidate.relname = published.relname
     WHERE published.nspname IN ('core', 'mart') AND candidate.columns IS DISTINCT FROM published.columns;
    IF unequal IS NOT NULL THEN
        RETURN format('The candidates of %s have other columns than the tables: run make migrate, then the load again.', unequal);
    END IF;
    IF NOT EXISTS (SELECT FROM audit.check_result WHERE load_id = this_load) THEN
        RETURN format('The gate has not run on load %s: run it, then publish.', this_load);
    END IF;
    SELECT string_agg(schemaname || '.' || tablename, ', ' ORDER BY schemaname, tablename)
      INTO unchecked
      FROM pg_tables
     WHERE schemaname IN ('core', 'mart')
       AND NOT EXISTS (
               SELECT FROM audit.check_result
                WHERE load_id = this_load AND table_name = schemaname || '.' || tablename);
    IF unchecked IS NOT NULL THEN
        RETURN format('The gate has not checked %s: run it again, then publish.', unchecked);
    END IF;
    SELECT string_agg(
               format('%s: %s%s', table_name, check_name, ' (' || rows_failed || ' rows)'),
               '; ' ORDER BY table_name, check_name)
      INTO broken
      FROM audit.check_result
     WHERE load_id = this_load AND outcome NOT IN ('pass', 'warn');
    IF broken IS NOT NULL THEN
        RETURN 'The gate failed on ' || broken || '.';
    END IF;
    RETURN NULL;
END
$$;
