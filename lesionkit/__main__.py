"""Lets ``python -m lesionkit`` do what ``lesionkit`` does."""

import sys

from lesionkit.cli import main

sys.exit(main())
