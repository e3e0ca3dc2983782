"""Measurements on the image: what stands there, how it is drawn, what the mouse does to it."""
