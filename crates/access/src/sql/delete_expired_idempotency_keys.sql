DELETE FROM idempotency_key WHERE expires_ms <= ?1
