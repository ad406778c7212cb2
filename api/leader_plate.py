"""The text of a plate's code on a photo; nothing of the photo is kept."""

from __future__ import annotations

import base64
import binascii
import io

from gis.errors import FormatError

# No larger picture is opened, pixels: the page sends far smaller ones.
MOST_PIXELS = 12_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


def plate_on(photo: str) -> str | None:
    """Return the text of the first QR code on a photo; None where there is none.

    Parameters
    ----------
    photo
        A JPEG, PNG or WebP file, base64.

    Raises
    ------
    FormatError
        If it is no such picture, or too large.
    """
    import zxingcpp
    from PIL import Image, UnidentifiedImageError

    try:
        content = base64.b64decode(photo, validate=True)
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                msg = f"the photo has more than {MOST_PIXELS} pixels"
                raise FormatError(msg)
            grey = picture.convert("L")
    except (binascii.Error, UnidentifiedImageError, Image.DecompressionBombError) as error:
        msg = "this is no photo that can be read"
        raise FormatError(msg) from error
    except (OSError, ValueError, SyntaxError) as error:
        if isinstance(error, FormatError):
            raise
        msg = "the photo is damaged"
        raise FormatError(msg) from error
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(grey, formats=wanted)
    return next((code.text for code in found if code.text), None)
