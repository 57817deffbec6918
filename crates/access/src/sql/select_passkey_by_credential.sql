SELECT id, account, credential_id, label, passkey, added_ms, used_ms
FROM passkey WHERE credential_id = ?1
