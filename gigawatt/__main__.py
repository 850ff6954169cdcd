"""`python -m gigawatt` is `gigawatt`."""

from gigawatt.cli import main

if __name__ == "__main__":
    main()
