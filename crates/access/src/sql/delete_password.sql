DELETE FROM password WHERE account = ?1
