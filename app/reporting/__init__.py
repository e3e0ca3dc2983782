"""A report's life: revisions, provenance, templates, ratings, export. No Qt, no SQL, no torch."""
