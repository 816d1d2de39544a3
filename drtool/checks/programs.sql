SELECT kind, home, name, definer, security FROM (
    SELECT routine_type AS kind, routine_schema AS home, routine_name AS name, definer, security_type AS security
    FROM information_schema.routines
    UNION ALL SELECT 'TRIGGER', trigger_schema, trigger_name, definer, 'DEFINER' FROM information_schema.triggers
    UNION ALL SELECT 'EVENT', event_schema, event_name, definer, 'DEFINER' FROM information_schema.events
) AS programs
