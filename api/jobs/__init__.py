"""Jobs as processes of their own: run, watched, limited, cancelled, on one machine or on many."""
