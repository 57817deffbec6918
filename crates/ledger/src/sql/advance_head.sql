UPDATE head SET size = ?1, root = ?2 WHERE id = 1 AND size = ?3 AND root = ?4
