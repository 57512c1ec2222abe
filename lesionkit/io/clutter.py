"""Files beside the images: which to pass over in silence, and what to say of the others."""

import re
from collections.abc import Iterable
from pathlib import Path

from lesionkit.core.outcome import Problem
from lesionkit.io.problems import error, warning

_CLUTTER = re.compile(
    r"\.(txt|md|rst|csv|tsv|jsonl?|toml|ya?ml|xml|html?|css|js|pdf|docx?|odt|rtf|xlsx?|ods|pptx?|py|r|rmd"
    r"|ipynb|exe|dll|so|dylib|jar|class|inf|ico|chm|hlp|cab|msi|ocx|properties"
    r"|sh|bat|m|log|lock|ini|cfg|db|lnk|url|bib|tex|part|tmp|bak|backup|qpproj|sha256|md5|xmp|aae|thm)"
)
_CLUTTER_NAMES = frozenset({"thumbs.db", "desktop.ini", "license", "licence", "readme", "copying", "changes"})
_PICTURES = re.compile(r"\.(hei[cf]|avif|bmp|gif|jp2|j2k|psd|svg|dng|nef|cr[23]|arw|raf|orf|rw2|raw|mov|mp4)")
_ARCHIVES = re.compile(r"\.(zip|7z|rar|tar|t?gz|tbz2?|txz|bz2|xz|zst|iso)")
_IMAGES = re.compile(r"\.(dcm|dicom|ima|nii|nrrd|nhdr|mh[ad]|hdr|img|mg[zh])")


KEPT = ".kept"
"""Folder of what is kept for the next run, in the one into which results are written."""

RESULTS = ".lesionkit"
"""File that marks a folder of which everything is written by lesionkit: its pictures are no photographs."""


def is_clutter(path: Path) -> bool:
    """Return whether a file that no reader knows is a document, table or leftover rather than an image."""
    return _CLUTTER.fullmatch(path.suffix.lower()) is not None or path.name.lower() in _CLUTTER_NAMES


def is_archive(path: Path) -> bool:
    """Return whether a file is named as an archive in which others are packed."""
    return _ARCHIVES.fullmatch(path.suffix.lower()) is not None and not path.name.lower().endswith(".nii.gz")


def is_passed_over(name: str) -> bool:
    """Return whether a file or folder is hidden, a leftover of the system, or derived, by its bare name."""
    return name.startswith((".", "__MACOSX")) or name == "derivatives"


def is_results(below: Iterable[str], names: Iterable[str]) -> bool:
    """Return whether a folder is one into which lesionkit wrote, by the names of the folders and files in it.

    ``--out`` may lie anywhere, also among the images; what is kept for the next run tells the place. That may
    be deleted at any time, and pages be moved, so a folder that holds pictures carries a mark too.
    """
    return KEPT in below or RESULTS in names


def nobody_reads(path: Path, about: str) -> Problem:
    """Return the problem that no reader knows a file: an error where its name promises an image."""
    suffix = path.suffix.lower()
    if _PICTURES.fullmatch(suffix):
        hint = "Save it as JPEG, PNG or TIFF."
        return error("picture_kind_not_read", about, f"Pictures of the kind {suffix} are not read.", hint)
    if suffix == ".geojson" or path.name.lower().endswith(".seg.nrrd"):
        text = "The file may hold outlines, but its name does not say of which image."
        hint = "Name it after its image: <image>.outlines.geojson or .seg.nrrd."
        return warning("outlines_misnamed", about, text, hint)
    if _IMAGES.fullmatch(suffix) or path.name.lower().endswith(".nii.gz"):
        text = "The file is named as an image, but no reader knows what it holds."
        return error("image_unreadable", about, text, "Export it again as DICOM, NIfTI or NRRD.")
    if is_archive(path):
        text = "Images packed into an archive of this kind, or into one within another, are not read."
        hint = "Unpack it into the folder, if its images belong here."
        return warning("archive_not_read", about, text, hint)
    return warning("not_an_image", about, "No reader knows this file.", "Move it out of the folder.")
