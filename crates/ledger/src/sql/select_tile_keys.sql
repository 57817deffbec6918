SELECT key FROM tile ORDER BY key
