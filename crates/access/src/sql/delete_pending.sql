DELETE FROM pending_sign_in WHERE digest = ?1
