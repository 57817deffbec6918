UPDATE passkey SET passkey = ?2, used_ms = ?3 WHERE id = ?1
