SELECT account FROM invitation WHERE digest = ?1 AND expires_ms > ?2
