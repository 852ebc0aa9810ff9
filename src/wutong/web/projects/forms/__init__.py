"""What people type about projects, as typed values."""
