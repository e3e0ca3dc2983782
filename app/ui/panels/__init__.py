"""The right column of the window: drafts, findings, report and rating.

The panels show plain data and say by signals what the reader did; they decide nothing about
storing or about the image.
"""
