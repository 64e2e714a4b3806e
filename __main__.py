"""`python -m baycase` is the command `baycase`."""

from baycase.cli import main

if __name__ == "__main__":
    main()
