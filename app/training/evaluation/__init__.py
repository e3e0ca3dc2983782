"""How good is a model? Drafts of unseen images against their reports and labels, with intervals.

Every figure stands beside the same figure for texts that were made without looking at the image,
and carries an interval by bootstrap over patients, so that nobody takes the language of a
collection, or luck, for the model's merit.
"""
