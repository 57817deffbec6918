DELETE FROM ceremony WHERE digest = ?1 AND kind = ?2 RETURNING state, expires_ms
