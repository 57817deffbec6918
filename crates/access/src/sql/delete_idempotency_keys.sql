DELETE FROM idempotency_key WHERE account = ?1
