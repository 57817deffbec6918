SELECT count(*), min(idx), max(idx) FROM body
