"""``python -m tcpwin``."""

from tcpwin.cli import main

if __name__ == "__main__":
    main()
