"""Every write about versions and rule documents."""
