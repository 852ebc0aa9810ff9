"""`python -m wutong.cli`."""

import sys

from wutong.cli.main import main

sys.exit(main())
