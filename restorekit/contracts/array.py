"""The type of NumPy arrays, for annotations."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
