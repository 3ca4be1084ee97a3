"""OpenVINO sessions, for manifests that ask for them; needs requirements-openvino.txt.

Which runtime is faster depends on the processor: `python -m benchmarks.runtimes` compares them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.errors import ModelUnavailable


class OpenVinoSession:
    """One ONNX model in OpenVINO, with the interface of inference.session.Session."""

    def __init__(self, path: Path, *, threads: int) -> None:
        try:
            import openvino
        except ImportError:
            raise ModelUnavailable(
                f"{path.name}: its manifest asks for OpenVINO, which is not installed "
                "(pip install -r requirements-openvino.txt)"
            ) from None
        # Left to itself it rounds to bfloat16 where the processor has it: other numbers than the
        # manifest's.
        settings = {
            "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
        }  # fmt: skip
        try:
            self._model = openvino.Core().compile_model(str(path), "CPU", settings)
        except Exception as error:  # its C++ side raises RuntimeError and its own kinds
            raise ModelUnavailable(f"{path.name} does not load ({type(error).__name__})") from None

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its own order. Each call has a request of its own."""
        request = self._model.create_infer_request()
        request.infer(dict(inputs))
        numbers = range(len(self._model.outputs))
        return [np.array(request.get_output_tensor(number).data) for number in numbers]
