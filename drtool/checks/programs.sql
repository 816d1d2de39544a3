SELECT routine_type, routine_schema, routine_name, definer, security_type FROM information_schema.routines
 WHERE routine_schema NOT IN %s
UNION ALL SELECT 'TRIGGER', trigger_schema, trigger_name, definer, 'DEFINER' FROM information_schema.triggers
 WHERE trigger_schema NOT IN %s
UNION ALL SELECT 'EVENT', event_schema, event_name, definer, 'DEFINER' FROM information_schema.events
 WHERE event_schema NOT IN %s
ORDER BY 1, 2, 3
