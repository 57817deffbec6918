SELECT account FROM sso_link WHERE issuer = ?1 AND subject = ?2
