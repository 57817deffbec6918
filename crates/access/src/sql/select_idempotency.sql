SELECT request_digest, status, body FROM idempotency_key WHERE account = ?1 AND key = ?2
