DELETE FROM pending_sign_in WHERE expires_ms <= ?1
