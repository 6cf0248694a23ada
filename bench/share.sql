-- Purpose: what the queries of the tables have in common.
-- part / whole half up, in whole numbers so that nothing is rounded twice; null when whole is null or 0.
CREATE MACRO share(part, whole) AS
    (((2 * part::bigint * 100000000 + whole::bigint) // nullif(2 * whole::bigint, 0))::decimal(20, 0) * 0.00000001)::decimal(9, 8)
