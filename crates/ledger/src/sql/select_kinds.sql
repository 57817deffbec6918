SELECT name, first_idx FROM kind ORDER BY first_idx, name
