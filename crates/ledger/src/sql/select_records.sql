SELECT entry.idx, entry.leaf, body.salt, body.bytes
FROM entry LEFT JOIN body ON body.idx = entry.idx
WHERE entry.idx >= ?1 AND entry.idx < ?2 ORDER BY entry.idx
