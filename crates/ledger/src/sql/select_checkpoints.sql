SELECT origin, size, note FROM checkpoint ORDER BY size, origin
