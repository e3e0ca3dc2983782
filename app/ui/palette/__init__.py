"""The command palette: type a few letters, choose with ↑ ↓, Enter does it."""
