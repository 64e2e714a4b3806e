"""Formats other than plain text, a module each; none is imported before a file of it is read.

Each gives the text of a file in reading order, a line a paragraph or a hard-wrapped line, and leaves
the rest to `running_text` and the structure of cases. What the offsets of a SourceMap count is
said in each module.
"""
