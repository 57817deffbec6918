SELECT body.idx FROM body LEFT JOIN entry ON entry.idx = body.idx WHERE entry.idx IS NULL ORDER BY body.idx
