"""The web page: rooms, cards and texts over a library; knows search, keeps nothing in the library."""
