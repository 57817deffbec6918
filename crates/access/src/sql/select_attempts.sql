SELECT failures, last_ms FROM attempt WHERE subject = ?1
