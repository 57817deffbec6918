SELECT key, value FROM preference WHERE account = ?1
