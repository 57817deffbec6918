SELECT line FROM cosignature WHERE origin = ?1 AND size = ?2 ORDER BY line
