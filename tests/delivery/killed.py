"""`crmpanel notify` that stops for ever at one of its steps, to be killed there.

``python killed.py STEP DATABASE OPTIONS...``; says that it is there.
"""

import sys
import time

from crmpanel.cli import main
from crmpanel.delivery.mailer import Mailer
from crmpanel.delivery.outbox import Outbox

STEPS = {
    "begun": (Outbox, "begin", True),
    "unsent": (Mailer, "send", False),
    "sent": (Mailer, "send", True),
    "finished": (Outbox, "finish", True),
}


def stop_at(step):
    owner, name, is_after = STEPS[step]
    real = getattr(owner, name)

    def stopping(*args, **kwargs):
        if is_after:
            real(*args, **kwargs)
        print("there", flush=True)
        time.sleep(600)

    setattr(owner, name, stopping)


if __name__ == "__main__":
    stop_at(sys.argv[1])
    main(["notify", *sys.argv[2:]])
