DELETE FROM session WHERE account = ?1 AND digest IS NOT ?2
