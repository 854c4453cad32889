"""Sites for new cameras: the job, the planner's report and its files."""
