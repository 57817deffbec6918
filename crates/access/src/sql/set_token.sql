INSERT INTO api_token (id, digest, used_ms) VALUES (?1, ?2, NULL)
