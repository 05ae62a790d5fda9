"""Faults in a process that has loaded the library, and has run a fiber there, with Python's own handler for them or without."""

import _ctypes
import ctypes
import faulthandler
import os
import resource
import signal
import sys
import threading


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def main(path, handler, fault):
    # Core dumps of these processes are of no use.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library = ctypes.CDLL(path)
    library.run_fiber.restype = library.overflow.restype = ctypes.c_uint64
    if handler == "before":
        faulthandler.enable()

    def run_fiber():
        assert library.run_fiber() == 42

    if fault == "unloaded":
        # Once the thread has ended, only the library itself keeps it loaded.
        in_thread(run_fiber)
        _ctypes.dlclose(library._handle)
    else:
        run_fiber()
    if handler == "after":
        faulthandler.enable()
    print("ready", flush=True)
    if fault in ("null", "unloaded"):
        ctypes.string_at(0)
    elif fault == "null in a thread":
        in_thread(lambda: ctypes.string_at(0))
    elif fault == "sent":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "overflow":
        library.overflow()
    elif fault == "overflow in a thread":
        in_thread(library.overflow)
    print("still there")


main(*sys.argv[1:])
