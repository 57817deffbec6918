SELECT digest, account, created_ms, seen_ms, user_agent, address, methods
FROM session WHERE digest = ?1
