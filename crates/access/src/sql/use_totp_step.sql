UPDATE totp SET last_step = ?2 WHERE account = ?1 AND last_step < ?2
