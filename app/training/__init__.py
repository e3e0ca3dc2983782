"""An archive of images and reports in, a weights folder out."""
