"""The audit beside its store: signed heads, verification, export, and what auditors read."""
