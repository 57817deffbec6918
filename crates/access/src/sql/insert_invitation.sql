INSERT INTO invitation (digest, account, expires_ms) VALUES (?1, ?2, ?3)
