"""Two references for the display pipeline that share no line with it.

highdicom, where it can express the case, and the formulas of PS3.3 C.11 written out in float64,
pixel by pixel, from what the case says and not from what was read out of the file.
"""

from __future__ import annotations

from io import BytesIO

import highdicom
import numpy as np
from highdicom.content import LUT
from highdicom.pixels import apply_lut, apply_voi_window
from rendering_cases import Case, Table

from app.imaging.radiograph import Window


def by_the_standard(case: Case, stored: np.ndarray, choice: int | Window) -> np.ndarray:
    """Gray levels (H, W) float64, 0 to 255. ``choice``: which of the file's windows, or Auto."""
    x = stored.astype(np.float64)
    # C.11.1: the table, or slope and intercept
    if case.modality_table is not None:
        x = looked_up(case.modality_table, x)
    else:
        slope, intercept = case.rescale
        x = x * slope + intercept
    # C.11.2: the table, or one of the windows
    if case.voi_table is not None and not isinstance(choice, Window):
        table = case.voi_table
        y = looked_up(table, np.rint(x)) / (2**table.bits - 1)
    elif isinstance(choice, Window):
        y = windowed(x, choice.center, choice.width, choice.function)
    else:
        y = windowed(x, *case.windows[choice])
    if case.photometric == "MONOCHROME1":
        y = 1 - y
    # C.7.5.1.1.2: padding is no image
    if case.padded is not None:
        y = np.where((stored >= case.padded[0]) & (stored <= case.padded[1]), 0.0, y)
    return y * 255


def looked_up(table: Table, x: np.ndarray) -> np.ndarray:
    """C.11.2.1.1: below the first input its entry, above the last the last."""
    last = len(table.entries) - 1
    inside = np.minimum(np.maximum(x - table.first, 0), last).astype(int)
    return table.entries.astype(np.float64)[inside]


def windowed(x: np.ndarray, c: float, w: float, function: str) -> np.ndarray:
    """C.11.2.1.2 and C.11.2.1.3, branch by branch, for an output from 0 to 1."""
    if function == "SIGMOID":
        return 1 / (1 + np.exp(-4 * (x - c) / w))
    if function == "LINEAR_EXACT":
        return np.select([x <= c - w / 2, x > c + w / 2], [0.0, 1.0], (x - c) / w + 0.5)
    below, above = x <= c - 0.5 - (w - 1) / 2, x > c - 0.5 + (w - 1) / 2
    return np.select([below, above], [0.0, 1.0], (x - (c - 0.5)) / max(w - 1, 1e-9) + 0.5)


def by_highdicom(case: Case, image: highdicom.Image, choice: int | Window) -> np.ndarray | None:
    """Gray levels (H, W) float64 as highdicom makes them, with padding as if it were image.

    In one go where that is exact, else step by step with its own functions: all at once it folds a
    rescale into the window (one stored value off), overflows on signed bytes, and joins no VOI LUT
    to a modality LUT or a fractional rescale. None for what it can't do: tables of other than 8 or
    16 bits, and LINEAR with a width of 1.
    """
    if case.voi_table is not None and case.voi_table.bits not in (8, 16):
        return None
    if not isinstance(choice, Window) and case.windows and case.windows[choice][1] == 1:
        return None
    whole = case.modality == "none" and not (case.signed and case.bits == 8)
    if whole and not isinstance(choice, Window):
        return image.get_frame(
            1,
            apply_voi_transform=True,
            voi_transform_selector=choice,
            voi_output_range=(0.0, 255.0),
            dtype=np.float64,
        )
    x = image.get_stored_frame(1).astype(np.int64)
    if case.modality == "LUT":
        x = LUT.from_dataset(image.ModalityLUTSequence[0]).apply(x)
    elif case.modality != "none":
        x = image.get_frame(1, apply_modality_transform=True, apply_presentation_lut=False)
    invert = image.PresentationLUTShape == "INVERSE"
    if case.voi_table is not None and not isinstance(choice, Window):
        table = LUT.from_dataset(image.VOILUTSequence[0])
        levels = table.get_scaled_lut_data(output_range=(0.0, 255.0), invert=invert)
        return apply_lut(np.rint(x).astype(np.int64), levels, table.first_mapped_value)
    if isinstance(choice, Window):
        center, width, function = choice.center, choice.width, choice.function
    else:
        center, width = (
            float(np.atleast_1d(image[name].value)[choice])
            for name in ("WindowCenter", "WindowWidth")
        )
        function = image.VOILUTFunction
    return apply_voi_window(
        x.astype(np.float64), center, width, function, output_range=(0.0, 255.0), invert=invert
    )


def opened_by_highdicom(data: bytes) -> highdicom.Image:
    image = highdicom.imread(BytesIO(data))
    assert isinstance(image, highdicom.Image)
    return image
