"""Outlining deposits in napari: journalled, in millimetres, timepoint by timepoint.

What has a name here needs no screen: it is what the panel is made of, and what scripts may use. The names are
listed in ``__init__.pyi``; each is loaded at first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
