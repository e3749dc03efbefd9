"""``panel serve app.py``: the application over ``$CRMPANEL_DB`` or ``crm.duckdb``."""

import crmpanel
from crmpanel.errors import CrmError

try:
    crmpanel.connect().servable()
except CrmError as error:
    from crmpanel.server import explain

    explain(error).servable()
