DELETE FROM session WHERE account = ?1 AND digest = ?2
