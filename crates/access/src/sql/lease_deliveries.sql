UPDATE delivery SET next_ms = ?2
WHERE id IN (SELECT id FROM delivery WHERE next_ms <= ?1 ORDER BY next_ms, id LIMIT ?3)
RETURNING id, webhook, payload, attempts, created_ms, next_ms, last_status, delivered_ms
