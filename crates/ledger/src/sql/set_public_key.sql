UPDATE meta SET public_key = ?1 WHERE id = 1 AND public_key = ?2
