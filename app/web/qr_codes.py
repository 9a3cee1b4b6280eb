"""QR codes (ISO/IEC 18004, error correction M) as SVG."""

import io

import segno


def qr_svg(code: str) -> bytes:
    picture = io.BytesIO()
    segno.make_qr(code, error="m").save(picture, kind="svg", scale=8, border=4)
    return picture.getvalue()
