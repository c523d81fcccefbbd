"""`python -m pepnet_kernel CONNECTION_FILE`: what the kernelspec of the wheel runs."""
import sys

from . import kernel

kernel(sys.argv[1])
