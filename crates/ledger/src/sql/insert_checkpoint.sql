INSERT OR IGNORE INTO checkpoint (origin, size, note) VALUES (?1, ?2, ?3)
