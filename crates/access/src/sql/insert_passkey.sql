INSERT INTO passkey (id, account, credential_id, label, passkey, added_ms, used_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)
