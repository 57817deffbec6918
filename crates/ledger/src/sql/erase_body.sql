DELETE FROM body WHERE idx = ?1
