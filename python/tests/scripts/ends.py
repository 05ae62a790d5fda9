"""Ends while work is going on in the background, and while a thread waits for an hour."""

import os
import sys
import threading
import time

import waits


class KeepsTheInterpreterBusy:
    """While this is being deleted the interpreter is shutting down, and the other thread asks it for signals."""

    def __del__(self, sleep=time.sleep):
        sleep(0.3)


sys.busy = KeepsTheInterpreterBusy()
threading.Thread(target=waits.pause, args=[3600], daemon=True).start()
time.sleep(0.2)
for number in range(20):
    waits.save("%s.%d" % (sys.argv[1], number), "saved")

# A forked child that ends as Python does has nothing to wait for.
child = os.fork()
if child == 0:
    sys.exit(7)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 7
