INSERT INTO pending_sign_in (digest, account, methods, expires_ms) VALUES (?1, ?2, ?3, ?4)
