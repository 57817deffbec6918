SELECT secret FROM totp_enrolment WHERE account = ?1 AND expires_ms > ?2
