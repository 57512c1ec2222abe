"""Why the file of a volume is not read, in one line each."""

from pathlib import Path

from lesionkit.errors import ReadError


def refused(path: Path, what: str, *, hint: str = "") -> ReadError:
    """Return the error that a file, by its bare name, is or has something for which it is not read."""
    return ReadError(f"{path.name} {what}", path=path, tried={"volume": what}, hint=hint)


def truncated(path: Path) -> ReadError:
    """Return the error that voxels are missing from a file."""
    return refused(path, "is truncated or damaged", hint="Copy or export the file again.")


def unclear(path: Path) -> ReadError:
    """Return the error that a file does not say clearly where its voxels lie."""
    return refused(
        path,
        "has axes that are not perpendicular, or two geometries (sform and qform) that disagree",
        hint="Use the DICOM series, or resample the volume to perpendicular axes.",
    )
