"""Calls the library in a process and in those that it forks, while it calls itself."""

import ctypes
import multiprocessing
import os
import sys
import threading

library = ctypes.CDLL(sys.argv[1])
library.square.argtypes = library.wait.argtypes = [ctypes.c_uint64]
library.square.restype = ctypes.c_uint64
library.wait.restype = None


def square(number):
    return library.square(number)


def squares_in_a_child_of_the_child(number):
    child = os.fork()
    if child == 0:
        os._exit(0 if square(number) == number * number else 1)
    _, status = os.waitpid(child, 0)
    return status == 0 and square(number) == number * number


def main():
    assert square(3) == 9
    for _ in range(5):
        waiting = threading.Thread(target=library.wait, args=[300])
        waiting.start()
        with multiprocessing.Pool(4) as pool:
            answer = pool.map_async(square, range(64))
            assert square(5) == 25
            assert answer.get(20) == [number * number for number in range(64)]
            assert all(pool.map_async(squares_in_a_child_of_the_child, range(8)).get(20))
            # The pool's processes end by themselves.
            pool.close()
            pool.join()
        # A child that makes no call.
        child = multiprocessing.Process(target=int)
        child.start()
        child.join(20)
        assert child.exitcode == 0, child.exitcode
        waiting.join()
    assert square(7) == 49
    print("parent and children are done")


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
