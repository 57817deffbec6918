DELETE FROM session;
DELETE FROM pending_sign_in;
DELETE FROM ceremony;
DELETE FROM totp_enrolment;
DELETE FROM idempotency_key;
