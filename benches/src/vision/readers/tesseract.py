"""Tesseract as a script would call it, with all the languages it may have to read."""

import os
import subprocess

import common

LANGUAGES = "eng+ita+spa+por+hin"
ENVIRONMENT = {**os.environ, "OMP_THREAD_LIMIT": "1"}


def analyze(path):
    command = ["tesseract", path, "-", "-l", LANGUAGES, "--psm", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    if done.returncode:
        return {"error": done.stderr.strip()[-200:]}
    return {"text": done.stdout}


common.run("text", analyze)
