SELECT id, page, title, query FROM saved_view
WHERE account = ?1 AND page = ?2 ORDER BY title, id
