"""What a worker does: takes jobs, runs them with a handle, and looks after what is due by the clock."""
