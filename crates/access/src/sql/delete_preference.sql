DELETE FROM preference WHERE account = ?1 AND key = ?2
