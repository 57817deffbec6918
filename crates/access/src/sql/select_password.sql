SELECT hash FROM password WHERE account = ?1
