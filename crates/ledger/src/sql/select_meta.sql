SELECT format, epoch_base, epoch, public_key, vacuum_due FROM meta WHERE id = 1
