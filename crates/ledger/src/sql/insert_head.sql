INSERT INTO head (id, size, root) VALUES (1, 0, ?1)
