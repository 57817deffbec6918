INSERT INTO kind (name, first_idx) VALUES (?1, ?2)
