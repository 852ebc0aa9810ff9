"""Reward documents."""
