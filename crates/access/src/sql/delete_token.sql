DELETE FROM api_token WHERE id = ?1
