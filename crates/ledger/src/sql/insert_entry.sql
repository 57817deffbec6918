INSERT INTO entry (idx, leaf) VALUES (?1, ?2)
