INSERT OR IGNORE INTO cosignature (origin, size, line) VALUES (?1, ?2, ?3)
