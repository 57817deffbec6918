INSERT INTO webhook_secret (webhook, secret) VALUES (?1, ?2)
ON CONFLICT (webhook) DO UPDATE SET secret = excluded.secret
