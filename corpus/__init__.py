"""Files become documents, passages and sentences here: text only, no vectors."""
