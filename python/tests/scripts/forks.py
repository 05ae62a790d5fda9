"""Calls in a process and in those that it forks."""

import multiprocessing
import os
import threading

import waits


def pause(number):
    waits.pause(0.01)
    return number


def main():
    pause(0)
    waiting = threading.Thread(target=waits.pause, args=[0.5])
    waiting.start()
    with multiprocessing.Pool(4) as pool:
        numbers = pool.map_async(pause, range(64))
        pause(1)
        assert numbers.get(20) == list(range(64))
        pool.close()
        pool.join()
    # One that makes no call, and one that ends as a process does.
    for ends in [os._exit, exit]:
        child = multiprocessing.Process(target=ends, args=[0])
        child.start()
        child.join(20)
        assert child.exitcode == 0, child.exitcode
    waiting.join()
    print("done")


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
