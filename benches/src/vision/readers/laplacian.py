"""What is usually recommended: the variance of the Laplacian under 100 is blurred, the mean brightness does the rest."""

import common
import cv2


def analyze(path):
    grey = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    sharpness, brightness = cv2.Laplacian(grey, cv2.CV_64F).var(), grey.mean()
    reason = None
    if brightness < 40:
        reason = "too_dark"
    elif brightness > 235:
        reason = "over_exposed"
    elif sharpness < 100:
        reason = "out_of_focus"
    return {"verdict": "retake" if reason else "usable", "reason": reason}


cv2.setNumThreads(1)
common.run("quality", analyze)
