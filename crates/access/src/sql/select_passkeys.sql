SELECT id, account, credential_id, label, passkey, added_ms, used_ms
FROM passkey WHERE account = ?1 ORDER BY added_ms, id
