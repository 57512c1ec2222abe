from ._session import Session as Session
from ._session import open_session as open_session
from ._study import Study as Study
from ._trail import write_times as write_times
from ._trail import write_trail as write_trail

__all__: list[str]
