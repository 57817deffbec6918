DELETE FROM session WHERE created_ms <= ?1 OR seen_ms <= ?2
