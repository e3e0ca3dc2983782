"""Measurements on an image: what a reader marked, and what follows from it."""
