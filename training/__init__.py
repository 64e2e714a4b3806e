"""Training of the reader: data, network and loop. It knows nothing of libraries, search or the interfaces."""
