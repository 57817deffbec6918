UPDATE delivery
SET attempts = attempts + 1, next_ms = NULL, last_status = ?2, delivered_ms = ?3 WHERE id = ?1
