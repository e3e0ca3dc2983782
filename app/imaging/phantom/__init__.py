"""A chest made of formulas: the study that the first start shows. A phantom, never evidence."""
