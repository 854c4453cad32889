"""The console: one page that shows the layers on a map."""
