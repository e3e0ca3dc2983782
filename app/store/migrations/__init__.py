"""The history of the tables, run by alembic from these files at every start that needs it."""
