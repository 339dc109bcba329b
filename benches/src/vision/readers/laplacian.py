"""What is usually recommended: a picture whose Laplacian has a variance under 100 is blurred."""

import common
import cv2


def analyze(path):
    sharpness = cv2.Laplacian(cv2.imread(path, cv2.IMREAD_GRAYSCALE), cv2.CV_64F).var()
    blurred = bool(sharpness < 100)
    return {"verdict": "retake" if blurred else "usable", "reason": "out_of_focus" if blurred else None}


cv2.setNumThreads(1)
common.run("quality", analyze)
