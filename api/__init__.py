"""Who asks: command line, HTTP, storage and the console."""
