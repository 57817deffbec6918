SELECT entry.idx, entry.leaf, body.salt, body.bytes
FROM entry LEFT JOIN body ON body.idx = entry.idx
WHERE entry.idx >= ?1 ORDER BY entry.idx LIMIT ?2
