INSERT INTO meta (id, format, epoch_base, epoch, public_key) VALUES (1, ?1, ?2, 1, ?3)
