UPDATE meta SET epoch = ?1 WHERE id = 1 AND epoch = ?2
