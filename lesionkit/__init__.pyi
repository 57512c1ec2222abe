from .classification import classify as classify
from .io import load_image as load_image
from .io import read_cohort as read_cohort
from .io import read_outlines as read_outlines
from .io import write_outlines as write_outlines
from .measure import measure_deposits as measure_deposits
from .measure import measure_labels as measure_labels
from .pipeline import run as run
from .report import write as write
from .track import link_deposits as link_deposits

__version__: str
__all__: list[str]
