"""What the tests of commands share."""


def told(result):
    """Give what stands on standard error in one line, as the terminal may have wrapped it."""
    return " ".join(result.stderr.split())
