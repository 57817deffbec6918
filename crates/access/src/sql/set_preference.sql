INSERT INTO preference (account, key, value) VALUES (?1, ?2, ?3)
ON CONFLICT (account, key) DO UPDATE SET value = excluded.value
