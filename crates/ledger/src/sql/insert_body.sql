INSERT INTO body (idx, salt, bytes) VALUES (?1, ?2, ?3)
