"""Sessions with the settings that were measured to serve best on a shared CPU.

ONNX Runtime, unless a model's manifest names another runtime: `settings.runtime`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from inference.errors import ModelUnavailable
from inference.signed import multiplies_signed_faster, signed

ONNX_RUNTIME, OPENVINO = "onnxruntime", "openvino"


class RunsModel(Protocol):
    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its own order."""


class Session:
    """One ONNX model. Threads do not spin while idle: two processes would starve each other."""

    def __init__(self, path: Path, *, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            model = path.read_bytes()
            if multiplies_signed_faster():
                model = signed(model)
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises bare Exceptions of its C++ side
            raise ModelUnavailable(f"{path.name} does not load ({type(error).__name__})") from None

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The model's outputs, in its own order."""
        return list(self._session.run(None, dict(inputs)))


def open_session(path: Path, settings: Mapping[str, Any], *, threads: int) -> RunsModel:
    """settings: of the manifest. Raises ModelUnavailable."""
    runtime = settings.get("runtime", ONNX_RUNTIME)
    if runtime == ONNX_RUNTIME:
        return Session(path, threads=threads)
    if runtime == OPENVINO:
        from inference.openvino_session import OpenVinoSession

        return OpenVinoSession(path, threads=threads)
    raise ModelUnavailable(f"{path.name}: its manifest names an unknown runtime, {runtime!r}")
