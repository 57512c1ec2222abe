"""What lesionkit raises, and when.

::

    LesionkitError(message, *, hint)         hint: what to do next
    ├─ InputError                            the user's files or arguments are at fault
    │  ├─ ReadError(path, tried)             no reader could; tried = {reader: reason}
    │  ├─ LayoutError(path)                  the folder does not say who or when
    │  ├─ OutlineError                       not a closed simple line inside its image
    │  └─ CalibrationError                   millimetres asked of an image without a scale
    ├─ ComparisonError                       units, sites or modalities that must not be compared
    └─ ExtensionError(group, name)           a plug-in is missing, broken or ambiguous
       └─ MissingExtraError                  names the extra: pip install "lesionkit[napari]"

If the next image can still be handled, what is wrong is a `lesionkit.core.outcome.Problem` in the
result; an error is raised only where the call cannot mean anything. Wrong use by a programmer is
plain ``ValueError`` or ``TypeError``.
"""

from collections.abc import Mapping
from pathlib import Path


class LesionkitError(Exception):
    """Anything lesionkit raises on purpose.

    Parameters
    ----------
    message : str
        One sentence: which thing, what is wrong, what was expected.
    hint : str
        One sentence: what to do next; empty where nothing can be done.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(LesionkitError):
    """The user's files or arguments are at fault."""


class ReadError(InputError):
    """No reader could read a file.

    Parameters
    ----------
    message : str
        One sentence.
    path : Path
        The file or folder.
    tried : Mapping of str to str
        Why each reader refused: ``{reader: reason}``.
    hint : str
        What to do next.
    """

    def __init__(
        self, message: str, *, path: Path, tried: Mapping[str, str] | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.tried = dict(tried or {})


class LayoutError(InputError):
    """A folder does not say who or when.

    Parameters
    ----------
    message : str
        One sentence.
    path : Path
        The folder or file.
    hint : str
        What to do next.
    """

    def __init__(self, message: str, *, path: Path, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class OutlineError(InputError):
    """An outline is not a closed simple line inside its image."""


class CalibrationError(InputError):
    """Millimetres were asked of an image without a scale."""


class ComparisonError(LesionkitError):
    """Two things were compared that must not be: units, sites, modalities or scales differ."""


class ExtensionError(LesionkitError):
    """A plug-in is missing, broken or ambiguous.

    Parameters
    ----------
    message : str
        One sentence.
    group : str
        The entry-point group, such as ``lesionkit.readers``.
    name : str
        The plug-in's name.
    hint : str
        What to do next.
    """

    def __init__(self, message: str, *, group: str, name: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.group = group
        self.name = name


class MissingExtraError(ExtensionError):
    """A plug-in needs an optional dependency that is not installed; the hint names the extra."""
