SELECT account, methods FROM pending_sign_in WHERE digest = ?1 AND expires_ms > ?2
