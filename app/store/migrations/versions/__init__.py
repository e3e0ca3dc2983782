"""One file per step; the number in front of its name is the database's version after it."""
