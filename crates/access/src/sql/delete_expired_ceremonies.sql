DELETE FROM ceremony WHERE expires_ms <= ?1
