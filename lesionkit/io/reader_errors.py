"""Readers' errors -> ``cohort.toml``, leaving everything else in it as a person wrote it."""

from collections.abc import Mapping
from pathlib import Path

from lesionkit.core.image import Modality
from lesionkit.core.settings import LINES, ReaderError
from lesionkit.errors import InputError
from lesionkit.io.files import write_whole
from lesionkit.io.toml_values import NAME


def write_reader_errors(root: Path, errors: Mapping[Modality, ReaderError]) -> Path:
    """Return the path of ``cohort.toml``, which then holds the errors of readers' lines.

    Comments, order and all other keys stay. What was said before of a stream's lines is replaced; figures of
    single measures (``wsd``, ``wsd_log``) stay, and go on taking their place.

    Parameters
    ----------
    root : Path
        The cohort's folder.
    errors : Mapping of Modality to ReaderError
        By stream.

    Raises
    ------
    InputError
        If the file is no TOML, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = root / NAME
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        if "errors" not in document:
            document["errors"] = tomlkit.table(is_super_table=True)
        for modality, error in errors.items():
            table = document["errors"].setdefault(modality.value, tomlkit.table())
            for name in LINES:
                table.pop(name, None)
                if getattr(error, name) is not None:
                    table[name] = getattr(error, name)
            table["source"] = error.source
        write_whole(path, tomlkit.dumps(document))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise InputError(f"{NAME} is no valid TOML: {error}", hint="Correct it first.") from error
    except OSError as error:
        raise InputError(f"{NAME} cannot be written: {error.strerror}", hint="Make it writable.") from error
    return path
