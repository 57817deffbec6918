SELECT count(*), min(idx), max(idx) FROM entry
