SELECT used_ms FROM api_token WHERE id = ?1
