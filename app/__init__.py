"""Reading Room: draft, correct, rate and export chest radiograph reports on your own machine."""

__version__ = "0.1.0"
