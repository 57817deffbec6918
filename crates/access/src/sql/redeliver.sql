UPDATE delivery SET attempts = 0, next_ms = ?3, delivered_ms = NULL WHERE webhook = ?1 AND id = ?2
