SELECT secret FROM totp WHERE account = ?1
