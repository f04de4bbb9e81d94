"""An end that is somebody's to mend: said in one line, with what to do next."""


class Trouble(Exception):
    def __init__(self, message, hint):
        super().__init__(message)
        self.hint = hint

    def __str__(self):
        return f"error: {self.args[0]}\nhint: {self.hint}"
