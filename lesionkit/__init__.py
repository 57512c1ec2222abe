"""Measure calcium deposits in the skin, follow them through time, and judge their change.

The public names are listed in ``__init__.pyi``; each is loaded at first use, so that importing
lesionkit stays light.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
