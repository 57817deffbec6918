DELETE FROM totp_enrolment WHERE expires_ms <= ?1
