"""The planner's question: where the next cameras should stand, and its answer as a report."""
