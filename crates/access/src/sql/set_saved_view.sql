INSERT INTO saved_view (account, page, title, query) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (account, page, title) DO UPDATE SET query = excluded.query
RETURNING id
