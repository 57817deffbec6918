DELETE FROM saved_view WHERE account = ?1
