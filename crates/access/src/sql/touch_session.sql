UPDATE session SET seen_ms = ?2 WHERE digest = ?1 AND seen_ms < ?2
