"""commands: groups of `baycase` commands, one file a group; arguments in, results out."""
