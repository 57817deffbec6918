SELECT id, webhook, payload, attempts, created_ms, next_ms, last_status, delivered_ms
FROM delivery WHERE webhook = ?1 ORDER BY id DESC LIMIT ?2
