INSERT INTO totp (account, secret, last_step, set_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (account) DO UPDATE
SET secret = excluded.secret, last_step = excluded.last_step, set_ms = excluded.set_ms
