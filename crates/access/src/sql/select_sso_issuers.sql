SELECT issuer FROM sso_link WHERE account = ?1 ORDER BY issuer
