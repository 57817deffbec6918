SELECT size, root FROM head WHERE id = 1
