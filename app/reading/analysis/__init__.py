"""What a locked and unblinded reader study says: shares, differences, agreement, blinding, time."""
