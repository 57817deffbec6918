INSERT OR IGNORE INTO recovery_code (account, digest) VALUES (?1, ?2)
