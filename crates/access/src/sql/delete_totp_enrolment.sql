DELETE FROM totp_enrolment WHERE account = ?1
