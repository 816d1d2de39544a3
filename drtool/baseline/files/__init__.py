"""What a folder of files was when it was backed up: listed, and compared with what came back."""
