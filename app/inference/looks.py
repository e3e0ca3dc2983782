"""Where a draft's maps come from. Neither numpy nor torch is needed here, so that models can be
listed at once.
"""

ATTENTION, GRADIENTS = "attention", "gradients"
"""The weights that a draft's words were written with, or Grad-CAM through the encoder (Selvaraju et
al., arXiv 1610.02391), worked out afterwards."""
