"""Blinded reader studies: are the machine's reports as good as the radiologists'?"""
