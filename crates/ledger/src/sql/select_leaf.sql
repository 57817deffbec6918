SELECT leaf FROM entry WHERE idx = ?1
