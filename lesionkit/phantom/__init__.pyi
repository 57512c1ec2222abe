from .anatomy import Limb as Limb
from .anatomy import Side as Side
from .box import Box as Box
from .camera import View as View
from .cohort import participants as participants
from .concretion import Concretion as Concretion
from .drawing import draw_outline as draw_outline
from .drawing import paint_voxels as paint_voxels
from .history import Participant as Participant
from .history import Strand as Strand
from .history import Visit as Visit
from .photo import Light as Light
from .photo import Table as Table
from .props import Placed as Placed
from .rendering import Rendering as Rendering
from .rendering import render_photograph as render_photograph
from .rendering import render_radiograph as render_radiograph
from .rendering import render_volume as render_volume
from .rendering import true_masks as true_masks
from .rendering import true_outlines as true_outlines
from .skin import Skin as Skin
from .skin import grow_skin as grow_skin
from .volume import Block as Block
from .volume import Pose as Pose
from .write import write_cohort as write_cohort

__all__: list[str]
