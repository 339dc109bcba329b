"""zbar: no Data Matrix, no Aztec, PDF417 only where it was built in."""

import common
from PIL import Image
from pyzbar.pyzbar import decode

NAMES = {"QRCODE": "qr", "EAN13": "ean_13", "CODE128": "code_128", "PDF417": "pdf_417"}


def analyze(path):
    found = decode(Image.open(path).convert("L"))
    return {
        "findings": [
            {
                "kind": "code." + NAMES.get(code.type, code.type.lower()),
                "value": code.data.decode("utf-8", "replace"),
                "region": common.box(*code.rect),
            }
            for code in found
        ]
    }


common.run("codes", analyze)
