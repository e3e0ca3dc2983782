"""A radiograph in, drafts out: torch inside, plain data outside."""
