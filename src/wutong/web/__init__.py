"""The web application: Django, one folder a feature (房间)."""
