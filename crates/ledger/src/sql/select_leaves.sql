SELECT idx, leaf FROM entry WHERE idx >= ?1 AND idx < ?2 ORDER BY idx
