INSERT INTO ceremony (digest, kind, state, expires_ms) VALUES (?1, ?2, ?3, ?4)
