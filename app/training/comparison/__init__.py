"""Several models on the same images, held to the same reports, under the same resamples."""
