"""One file per report-writing system, one protocol for all of them (``base``)."""
