DELETE FROM delivery WHERE next_ms IS NULL AND created_ms <= ?1
