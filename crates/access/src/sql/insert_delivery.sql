INSERT INTO delivery (webhook, payload, created_ms, next_ms) VALUES (?1, ?2, ?3, ?3)
