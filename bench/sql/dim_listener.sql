-- Grain: one row per listener.
SELECT listener_id, display_name, time_zone, counts_private, tenant_id, is_simulated FROM raw_listener
