"""Prints what `rasa` 3.6 and `rasa-sdk`, installed without their requirements, need on Python 3.11.

They name nothing for that Python: it is what they ask for on 3.10, with two packages in versions that have wheels for 3.11.
"""

from importlib.metadata import requires

from packaging.requirements import Requirement

RASA = ["rasa", "rasa-sdk"]
NEWER = {"scikit-learn": "scikit-learn>=1.1.3,<1.2", "matplotlib": "matplotlib>=3.7,<3.9"}
PYTHON = {"python_version": "3.10", "python_full_version": "3.10.0", "extra": ""}

for wanted in (Requirement(line) for package in RASA for line in requires(package)):
    is_wanted = wanted.marker is None or wanted.marker.evaluate(PYTHON)
    if is_wanted and wanted.name not in RASA:
        wanted.marker = None
        print(NEWER.get(wanted.name, wanted))
