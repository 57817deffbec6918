DELETE FROM invitation WHERE expires_ms <= ?1
