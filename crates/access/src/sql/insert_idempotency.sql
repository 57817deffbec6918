INSERT OR IGNORE INTO idempotency_key (account, key, request_digest, expires_ms)
VALUES (?1, ?2, ?3, ?4)
