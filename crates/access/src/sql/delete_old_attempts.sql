DELETE FROM attempt WHERE last_ms <= ?1
