INSERT INTO attempt (subject, failures, last_ms) VALUES (?1, ?2, ?3)
ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_ms = excluded.last_ms
