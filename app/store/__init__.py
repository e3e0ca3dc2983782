"""The only SQL. Takes and gives domain objects, never rows."""
