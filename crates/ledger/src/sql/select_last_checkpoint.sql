SELECT note FROM checkpoint WHERE origin = ?1 ORDER BY size DESC LIMIT 1
