"""zxing-cpp, everything it tries by default."""

import common
import zxingcpp
from PIL import Image

NAMES = {"QRCode": "qr", "DataMatrix": "data_matrix", "EAN13": "ean_13", "Code128": "code_128", "PDF417": "pdf_417", "Aztec": "aztec"}


def analyze(path):
    found = zxingcpp.read_barcodes(Image.open(path).convert("RGB"))
    return {
        "findings": [
            {
                "kind": "code." + NAMES.get(str(code.format).split(".")[-1].replace(" ", "").replace("-", ""), str(code.format)),
                "value": code.text,
                "region": common.quad([(p.x, p.y) for p in (code.position.top_left, code.position.top_right, code.position.bottom_right, code.position.bottom_left)]),
            }
            for code in found
        ]
    }


common.run("codes", analyze)
