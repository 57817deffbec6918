INSERT INTO session (digest, account, created_ms, seen_ms, user_agent, address, methods)
VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)
