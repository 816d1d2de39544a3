"""Physical MariaDB backups: unpacked, prepared, their pages checked, started."""
