INSERT INTO tile (key, hashes) VALUES (?1, ?2)
