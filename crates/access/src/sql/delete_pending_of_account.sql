DELETE FROM pending_sign_in WHERE account = ?1
