"""Starts the installed Chromium without a screen and without talking to anyone by itself."""

from shutil import which

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright):
    """Start a browser."""
    return playwright.chromium.launch(executable_path=which("chromium"), args=ARGUMENTS)
