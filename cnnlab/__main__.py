"""`python -m cnnlab` is the command line."""

from cnnlab.cli import main

if __name__ == "__main__":
    main()
