"""index: passages become embeddings and lexical terms in a library; the only code that writes a library."""
