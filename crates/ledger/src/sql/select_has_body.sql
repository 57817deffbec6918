SELECT 1 FROM body WHERE idx = ?1
