"""The models can be asked: Django is set up, with the settings that `tests/conftest.py` made."""

import django

django.setup()
