INSERT INTO totp_enrolment (account, secret, expires_ms) VALUES (?1, ?2, ?3)
ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, expires_ms = excluded.expires_ms
