"""What everybody has to know of MariaDB: its SQL, its series, its option files, its accounts."""
