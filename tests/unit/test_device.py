"""What is known of the device that computes."""

import pytest
import torch

from restorekit.device import out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("Failed to allocate memory for requested buffer of size 8"),
    ],
)
def test_out_of_memory_is_known_by_its_words(error):
    assert out_of_memory(error)
    assert not out_of_memory(RuntimeError("a fault in the network"))
