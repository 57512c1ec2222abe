"""What one reader has drawn on one image, as a value, and the edits that lead from one to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lesionkit.core.grid import ScaleClaim
from lesionkit.core.region import Deposit, Drawing, Status
from lesionkit.io.places import drawing_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """What one reader says of one image, as it stands between two gestures.

    Parameters
    ----------
    deposits : tuple of Deposit
        In the order of the file. The id of each is its key: given once, never used again, whatever the
        deposit is called. Those excised or extruded are among them.
    scale_claims : tuple of ScaleClaim
        What the reader says of the image's scale.
    is_absent : bool
        Whether the reader says: looked, nothing there.
    is_assessable : bool
        False where the reader says that this image cannot be judged: its deposits are then unseen.
    left_out : tuple of str
        Names or numbers of what the outline file holds besides and cannot be used; it stays there.
    landmarks : Mapping of str to (float, float)
        Places on the skin marked in the file, ``(row, col)`` by name.
    """

    deposits: tuple[Deposit, ...] = ()
    scale_claims: tuple[ScaleClaim, ...] = ()
    is_absent: bool = False
    is_assessable: bool = True
    left_out: tuple[str, ...] = ()
    landmarks: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        """Whether nothing is said of deposits: the image is then not read, which is not absent.

        A scale alone says nothing of them; it goes into the file together with the first deposit.
        """
        return not (self.deposits or self.is_absent) and self.is_assessable

    @property
    def present(self) -> tuple[Deposit, ...]:
        """The deposits that are there: not those of which only the place is marked."""
        return tuple(deposit for deposit in self.deposits if not deposit.status.is_place_only)

    @property
    def places(self) -> tuple[Deposit, ...]:
        """Where deposits were that were excised or extruded, or are that cannot be judged here."""
        return tuple(deposit for deposit in self.deposits if deposit.status.is_place_only)

    def as_drawing(self, image: str, *, reader: str = "") -> Drawing:
        """Return the same as it would be read from the outline file."""
        return drawing_of(
            self.deposits,
            image=image,
            left_out=(*self.left_out, *(() if self.is_assessable else ("everything",))),
            reader=reader,
            scale_claims=self.scale_claims,
            landmarks=self.landmarks,
        )

    def deposit(self, key: str) -> Deposit:
        """Return one deposit.

        Raises
        ------
        KeyError
            If there is none of this key.
        """
        for deposit in self.deposits:
            if deposit.id == key:
                return deposit
        raise KeyError(key)

    def called(self, key: str) -> str:
        """Return what a deposit is called: by its name, else by its place in the file from 1."""
        for number, deposit in enumerate((*self.present, *self.places), start=1):
            if deposit.id == key:
                return deposit.name or str(number)
        raise KeyError(key)

    def named(self, name: str) -> Iterator[Deposit]:
        """Yield the deposits of a name that are there."""
        return (deposit for deposit in self.present if deposit.name == name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edit:
    """One gesture: what it takes away, and what it puts there.

    Parameters
    ----------
    verb : str
        What was done, one word of `VERBS`.
    puts : tuple of Deposit
        In place of those of the same key; others come last.
    takes : tuple of str
        Keys of deposits that go.
    scale_claims : tuple of ScaleClaim, optional
        The image's scales from now on; None leaves them.
    is_absent, is_assessable : bool, optional
        None leaves them.
    """

    verb: str
    puts: tuple[Deposit, ...] = ()
    takes: tuple[str, ...] = ()
    scale_claims: tuple[ScaleClaim, ...] | None = None
    is_absent: bool | None = None
    is_assessable: bool | None = None

    def __post_init__(self) -> None:
        if self.verb not in VERBS:
            raise ValueError(f"no verb: {self.verb!r}")

    def on(self, drawn: Drawn) -> Drawn:
        """Return what is drawn after it.

        Raises
        ------
        KeyError
            If it takes a deposit that is not there.
        """
        there = {deposit.id: deposit for deposit in drawn.deposits}
        for key in self.takes:
            del there[key]
        there |= {deposit.id: deposit for deposit in self.puts}
        return replace(
            drawn,
            deposits=tuple(there.values()),
            scale_claims=drawn.scale_claims if self.scale_claims is None else self.scale_claims,
            is_absent=drawn.is_absent if self.is_absent is None else self.is_absent,
            is_assessable=drawn.is_assessable if self.is_assessable is None else self.is_assessable,
        )


VERBS = (
    "draw",
    "redraw",
    "rename",
    "merge",
    "split",
    "delete",
    "mark",
    "confirm",
    "suggest",
    "adopt",
    "give role",
    "set scale",
    "say absent",
    "say not assessable",
)
"""Every gesture there is, as the audit trail names it."""

STANDS = (Status.DRAWN, Status.CONFIRMED)
"""What a person stands behind."""
