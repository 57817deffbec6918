DELETE FROM idempotency_key WHERE account = ?1 AND key = ?2 AND expires_ms <= ?3
