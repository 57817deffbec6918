INSERT INTO password (account, hash, set_ms) VALUES (?1, ?2, ?3)
ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, set_ms = excluded.set_ms
