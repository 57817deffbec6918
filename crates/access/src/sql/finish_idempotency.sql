UPDATE idempotency_key SET status = ?3, body = ?4
WHERE account = ?1 AND key = ?2 AND status IS NULL
