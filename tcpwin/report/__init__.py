"""Renders what is known about a capture into files: PNG charts, a page, JSON.

`charts` draws, `markdown` and `summary` turn facts into text, `writer` puts files in place
all at once or not at all. Nothing here decides on paths or prints: the command line does.
"""
