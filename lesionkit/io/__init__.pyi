from .drawings import find_drawings as find_drawings
from .drawings import load_drawing as load_drawing
from .files import fingerprint as fingerprint
from .folder import FolderContents as FolderContents
from .folder import read_cohort as read_cohort
from .folder import read_folder as read_folder
from .geojson import read_geojson as read_geojson
from .geojson import write_outlines as write_outlines
from .load import load_image as load_image
from .outline_files import DrawingFile as DrawingFile
from .outlines import read_outlines as read_outlines
from .readers import READERS as READERS
from .settings import read_settings as read_settings

__all__: list[str]
