"""The commands of ``readingroom``, one file each.

A command has ``add``, which declares its options, and a function that runs it and returns the exit
code. What a command needs is imported when it runs, so that ``--help`` never waits for torch or Qt.
Every function gets the parsed arguments with ``args.places``, the user's data folder.
"""
