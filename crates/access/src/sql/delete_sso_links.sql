DELETE FROM sso_link WHERE account = ?1
