"""An end that is somebody's to mend: said in one line, with what to do next."""

import subprocess
import sys


class Trouble(Exception):
    def __init__(self, message, hint):
        super().__init__(message)
        self.hint = hint

    def __str__(self):
        return f"error: {self.args[0]}\nhint: {self.hint}"


def run(main):
    """Runs a program to its end; what is somebody's to mend is said, and ends it with 1."""
    try:
        main()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(1)
    except subprocess.CalledProcessError as failed:
        print(f"{failed}\n{failed.stderr or ''}", file=sys.stderr)
        sys.exit(1)
