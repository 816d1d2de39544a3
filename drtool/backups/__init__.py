"""What a backup is: its format, the server that made it, which one to take. Reads headers, runs nothing."""
