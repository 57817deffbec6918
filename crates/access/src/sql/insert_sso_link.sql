INSERT INTO sso_link (issuer, subject, account, linked_ms) VALUES (?1, ?2, ?3, ?4)
