"""RapidOCR with the models it ships, at two threads."""

import logging

import common
from rapidocr import RapidOCR

logging.disable(logging.WARNING)
THREADS = {"EngineConfig.onnxruntime.intra_op_num_threads": 2, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
engine = RapidOCR(params=THREADS)


def analyze(path):
    found = engine(path)
    if found.txts is None:
        return {"text": ""}
    return {
        "text": "\n".join(found.txts),
        "findings": [
            {"kind": "text.line", "value": text, "region": common.quad(points)} for text, points in zip(found.txts, found.boxes)
        ],
    }


common.run("text", analyze)
