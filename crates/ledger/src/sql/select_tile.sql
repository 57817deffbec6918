SELECT hashes FROM tile WHERE key = ?1
