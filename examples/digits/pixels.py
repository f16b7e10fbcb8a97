"""What may be sent to /predict: {"pixels": [64 numbers from 0 to 16]}, the rows of an image of 8 by 8."""

import json
from typing import Any

from model import BRIGHTEST, PIXELS
from refused import Refused

_SHAPE = f"an array of {PIXELS} numbers from 0 to {BRIGHTEST}, row by row"
_NUMBER = f"a number from 0 to {BRIGHTEST}"


def _refused(field: str, found: Any, allowed: str) -> Refused:
    text = json.dumps(found)
    if len(text) > 60:
        text = text[:60] + "..."
    return Refused(400, f"{field} is {text}; allowed: {allowed}", field=field, found=text, allowed=allowed)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def pixels_of(body: bytes) -> list[float]:
    """The 64 numbers in a request's body; raises :class:`Refused` with status 400 when they are not there."""
    try:
        # The standard reader lets NaN and Infinity pass.
        request = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        cause = "nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        raise Refused(
            400, f"the body is not JSON: {cause}", field="body", allowed=f'{{"pixels": {_SHAPE}}}'
        ) from fault
    if not isinstance(request, dict):
        raise _refused("body", request, f'an object {{"pixels": {_SHAPE}}}')
    for key in request:
        if key != "pixels":
            raise _refused(key[:60], request[key], "no other field than pixels")
    if "pixels" not in request:
        raise Refused(400, f"pixels is missing; allowed: {_SHAPE}", field="pixels", found="nothing", allowed=_SHAPE)
    pixels = request["pixels"]
    if not isinstance(pixels, list):
        raise _refused("pixels", pixels, _SHAPE)
    if len(pixels) != PIXELS:
        raise Refused(
            400, f"pixels has {len(pixels)} numbers; allowed: {_SHAPE}",
            field="pixels", found=f"{len(pixels)} numbers", allowed=_SHAPE,
        )
    for index, value in enumerate(pixels):
        # True is an int in Python, and no number in JSON.
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value <= BRIGHTEST:
            raise _refused(f"pixels[{index}]", value, _NUMBER)
    return pixels
