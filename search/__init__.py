"""search: a query becomes hits, an answer, or similar cases; reads a library, writes nothing."""
