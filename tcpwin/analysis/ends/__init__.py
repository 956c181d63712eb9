"""One connection in two captures: what either end sent, and what of it came to the other."""
