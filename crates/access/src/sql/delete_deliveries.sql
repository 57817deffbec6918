DELETE FROM delivery WHERE webhook = ?1
