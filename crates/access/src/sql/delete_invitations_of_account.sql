DELETE FROM invitation WHERE account IS ?1
