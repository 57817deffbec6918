SELECT note FROM checkpoint WHERE origin = ?1 AND size = ?2
