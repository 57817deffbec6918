SELECT digest, account, created_ms, seen_ms, user_agent, address, methods
FROM session WHERE account = ?1 AND created_ms > ?2 AND seen_ms > ?3 ORDER BY seen_ms DESC, digest
