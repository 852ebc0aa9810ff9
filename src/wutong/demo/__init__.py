"""The fictional prefecture (演示): a generated registry, and a story told through the rooms' actions."""
