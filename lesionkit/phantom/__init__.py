"""Digital reference objects: photographs, radiographs, CT and MR of one anatomy whose truth is known.

The public names are listed in ``__init__.pyi``; each is loaded at first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
