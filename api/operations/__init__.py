"""How the service is run: logs without personal data, metrics, readiness, limits, shutdown."""
