"""The door through which whole images get proposals, the built-in ones and a trained model alike."""

from dataclasses import dataclass
from typing import Protocol

from lesionkit.core.image import Image, Modality
from lesionkit.core.region import Deposit, Region, Role
from lesionkit.core.registry import Registry
from lesionkit.core.transform import Transform
from lesionkit.suggest.calcium import propose_calcium
from lesionkit.suggest.carrying import carry_deposit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Earlier:
    """What a person drew of the same site before.

    Parameters
    ----------
    image : Image
        The earlier image.
    deposits : tuple of Deposit
        Drawn or confirmed on it.
    transform : Transform
        From it onto the image that is to get proposals; believed.
    """

    image: Image
    deposits: tuple[Deposit, ...]
    transform: Transform


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """One deposit proposed.

    Parameters
    ----------
    regions : tuple of Region
        At least one: outlines on a picture, masks in a volume.
    name : str, optional
        Of the deposit, where a person gave it one before.
    role : Role, optional
        As given before.
    tracking_uid : str, optional
        DICOM TrackingUID given before.
    """

    regions: tuple[Region, ...]
    name: str | None = None
    role: Role | None = None
    tracking_uid: str | None = None


class Suggester(Protocol):
    """What proposes the deposits of a whole image.

    Register it as entry point in the group ``lesionkit.suggesters``. Whatever it proposes is written as
    *suggested*, with its distribution, version and name as author; it cannot confirm anything.
    """

    def __call__(self, image: Image, /, *, earlier: Earlier | None = None) -> tuple[Proposal, ...]:
        """Return the deposits proposed; nothing where it finds none or is not made for such images.

        Parameters
        ----------
        image : Image
            With its pixels and its grid.
        earlier : Earlier, optional
            The last timepoint of the same site that a person has read, if it could be aligned.
        """
        ...


SUGGESTERS: Registry[Suggester] = Registry("lesionkit.suggesters")

BUILT_IN = ("propagate", "calcium")
"""Those asked on every image, in this order, where none is named; later ones add what earlier ones lack."""


def propagate(image: Image, /, *, earlier: Earlier | None = None) -> tuple[Proposal, ...]:
    """Return the earlier deposits as they lie on this image, moved to the edges near them."""
    if earlier is None or not earlier.transform.is_reliable:
        return ()
    carried = ((deposit, carry_deposit(deposit, earlier.transform, image)) for deposit in earlier.deposits)
    return tuple(
        Proposal(regions=regions, name=deposit.name, role=deposit.role, tracking_uid=deposit.tracking_uid)
        for deposit, regions in carried
        if regions
    )


def calcium(image: Image, /, *, earlier: Earlier | None = None) -> tuple[Proposal, ...]:
    """Return everything in a CT that is as dense as calcium and no bone; nothing of other images."""
    del earlier
    if image.modality is not Modality.CT:
        return ()
    return tuple(Proposal(regions=(mask,)) for mask in propose_calcium(image))
