DELETE FROM preference WHERE account = ?1
