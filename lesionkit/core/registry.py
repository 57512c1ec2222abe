"""Extension points: what can be plugged in, loaded only when asked for, and why not where it fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from lesionkit.errors import ExtensionError, MissingExtraError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One plug-in of a group, loaded or not.

    Parameters
    ----------
    group, name : str
        The entry point's.
    origin : str
        Distribution that provides it.
    version : str
        Of that distribution.
    reason : str
        Why it cannot be loaded; empty where it can.
    """

    group: str
    name: str
    origin: str
    version: str
    reason: str = ""


class Registry(Generic[T]):
    """The plug-ins of one entry-point group.

    Parameters
    ----------
    group : str
        Such as ``lesionkit.readers``.
    """

    def __init__(self, group: str) -> None:
        self.group = group

    @cached_property
    def _points(self) -> dict[str, EntryPoint]:
        points: dict[str, EntryPoint] = {}
        for point in entry_points(group=self.group):
            if point.name in points and points[point.name].value != point.value:
                raise ExtensionError(
                    f"two packages provide {self.group} {point.name!r}: "
                    f"{points[point.name].value} and {point.value}",
                    group=self.group,
                    name=point.name,
                    hint="Uninstall one of them.",
                )
            points[point.name] = point
        return dict(sorted(points.items()))

    def names(self) -> tuple[str, ...]:
        """Return the names of all plug-ins, loaded or not, sorted."""
        return tuple(self._points)

    def load(self, name: str) -> T:
        """Return a plug-in.

        Raises
        ------
        MissingExtraError
            If it needs a package that is not installed.
        ExtensionError
            If there is none of that name, or it fails to import.
        """
        if name not in self._points:
            raise ExtensionError(
                f"there is no {self.group} {name!r}",
                group=self.group,
                name=name,
                hint=f"Choose one of: {', '.join(self.names()) or 'none installed'}.",
            )
        point = self._points[name]
        try:
            loaded: Any = point.load()
        except ModuleNotFoundError as error:
            extra = point.extras[0] if point.extras else None
            package = point.dist.name if point.dist else "lesionkit"
            target = f'"{package}[{extra}]"' if extra else str(error.name)
            raise MissingExtraError(
                f"{self.group} {name!r} needs {error.name}, which is not installed",
                group=self.group,
                name=name,
                hint=f"Install it: pip install {target}",
            ) from error
        except Exception as error:  # a plug-in may break in any way; the others must go on
            raise ExtensionError(
                f"{self.group} {name!r} cannot be loaded: {error}",
                group=self.group,
                name=name,
                hint="Update or uninstall the package that provides it.",
            ) from error
        return loaded  # type: ignore[no-any-return]

    def loaded(self) -> Iterator[tuple[str, T]]:
        """Yield name and plug-in of all that can be loaded."""
        for name in self.names():
            try:
                yield name, self.load(name)
            except ExtensionError:
                continue  # `extensions` tells why

    def extensions(self) -> tuple[Extension, ...]:
        """Return what is installed, with the reason of each that cannot be loaded."""
        found = []
        for name, point in self._points.items():
            try:
                self.load(name)
                reason = ""
            except ExtensionError as error:
                reason = f"{error.message}. {error.hint}"
            found.append(
                Extension(
                    group=self.group,
                    name=name,
                    origin=point.dist.name if point.dist else "",
                    version=point.dist.version if point.dist else "",
                    reason=reason,
                )
            )
        return tuple(found)
