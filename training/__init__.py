"""Training of the reader, and fits of the weights that search uses. It knows nothing of the interfaces."""
