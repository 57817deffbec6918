UPDATE meta SET vacuum_due = ?1 WHERE id = 1
