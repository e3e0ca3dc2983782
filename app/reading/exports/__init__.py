"""A finished reader study as files for statisticians, journals and archives."""
