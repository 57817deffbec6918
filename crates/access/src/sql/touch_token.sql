UPDATE api_token SET used_ms = ?2 WHERE id = ?1 AND (used_ms IS NULL OR used_ms < ?2)
