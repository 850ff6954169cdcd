"""Arrays that a kernel may pass on without counting references: whoever called it holds them while it runs."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import cgutils
from numba.extending import intrinsic

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]

    def borrowed(array: np.ndarray) -> np.ndarray:
        """The same array."""
        return array

else:

    @intrinsic
    def borrowed(typing_context: Any, array: Any) -> Any:
        """The same array without its owner: counting references, atomically, took two fifths of the weekly loop."""

        def lowered(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            found = context.make_array(signature.args[0])(context, builder, value=arguments[0])
            found.meminfo = cgutils.get_null_value(found.meminfo.type)  # type: ignore[no-untyped-call]
            return found._getvalue()

        return array(array), lowered
