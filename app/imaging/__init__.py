"""Pixels: files in, numpy out. Knows nothing of the rest of the application but its errors."""
