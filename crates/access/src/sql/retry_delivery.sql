UPDATE delivery SET attempts = attempts + 1, next_ms = ?3, last_status = ?2 WHERE id = ?1
