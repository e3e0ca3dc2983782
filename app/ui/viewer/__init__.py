"""The centre of the window: radiographs on black, one or two side by side."""
